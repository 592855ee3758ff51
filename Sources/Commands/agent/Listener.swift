import Agent
import Capture
import Domain
import Synchronization
import Wire

#if canImport(Glibc)
    import Glibc
#endif

/// One interface, on a thread of its own: capturing blocks, and the tasks that store and send must not wait for it.
final class Listener: @unchecked Sendable {
    /// Batches that wait for the spool. Beyond it the newest are dropped, counted, and named by a gap.
    private static let waitingLimit = 4_096

    /// Ends when the listener has stopped.
    let batches: AsyncStream<[DomainEvent]>
    /// What ended it, if that was not `stop`. Read it after `batches` has ended.
    private(set) var failure: (any Error)?

    // All of these belong to the thread once it runs.
    private var capture: LiveCapture
    private var driver: FeedDriver
    private let agent: AgentEvents
    private let output: AsyncStream<[DomainEvent]>.Continuation
    private let isStopping = Atomic<Bool>(false)
    private var waiting: [DomainEvent] = []
    private var unstored: (count: Int, since: Instant)?

    init(_ capture: consuming LiveCapture, driver: FeedDriver, agent: AgentEvents) {
        self.capture = capture
        self.driver = driver
        self.agent = agent
        (batches, output) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waitingLimit))
    }

    /// Throws what the system says if there can be no thread.
    func start() throws(DiskError) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Listener>.fromOpaque(pointer).takeRetainedValue().listen()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw DiskError("pthread_create", capture.interface, code: code)
        }
        pthread_detach(thread)
    }

    func stop() { isStopping.store(true, ordering: .relaxed) }

    private func listen() {
        var watch = ClockWatch(wall: Instant(milliseconds: wallClock()), steady: Self.steadyClock())
        var lastTick = Self.steadyClock()
        var lastFlush = lastTick
        var lastWall = Instant(milliseconds: wallClock())
        var dropped = capture.readCounters().dropped
        while !isStopping.load(ordering: .relaxed) {
            var got = false
            do {
                got = try capture.next { header, bytes in waiting += driver.frame(header, bytes) }
            } catch {
                failure = error
                break
            }
            let steady = Self.steadyClock()
            if steady - lastTick >= 1_000 {
                let wall = Instant(milliseconds: wallClock())
                if let step = watch.look(wall: wall, steady: steady) {
                    waiting.append(agent.event(.agentClockStep(milliseconds: step), at: wall))
                }
                // Nothing waits in the kernel now, so no frame of an earlier time can follow.
                if !got { waiting += driver.advance(to: wall - 250) }
                let total = capture.readCounters().dropped
                if total > dropped {
                    let reason = "kernel dropped \(total - dropped) frames on \(capture.interface)"
                    waiting.append(agent.event(.agentGap(from: lastWall, until: wall, reason: reason), at: wall))
                    dropped = total
                }
                lastTick = steady
                lastWall = wall
            }
            if !got || steady - lastFlush >= 20 || waiting.count >= 500 {
                flush()
                lastFlush = steady
            }
        }
        waiting += driver.finish(at: Instant(milliseconds: wallClock()))
        flush()
        output.finish()
    }

    private func flush() {
        guard !waiting.isEmpty else { return }
        let now = Instant(milliseconds: wallClock())
        if let lost = unstored {
            let reason = "the spool was too slow for \(lost.count) events"
            waiting.append(agent.event(.agentGap(from: lost.since, until: now, reason: reason), at: now))
        }
        if case .dropped = output.yield(waiting) {
            unstored = ((unstored?.count ?? 0) + waiting.count, unstored?.since ?? waiting.first?.observed ?? now)
        } else {
            unstored = nil
        }
        waiting.removeAll(keepingCapacity: true)
    }

    /// Milliseconds of a clock that nobody sets.
    static func steadyClock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
