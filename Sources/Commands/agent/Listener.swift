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
    private var capture: HelperCapture
    private var silence = InterfaceSilence()
    /// While its helper says nothing.
    private var stall = InterfaceSilence()
    private var isStalled = false
    /// The helper gives its counts every second.
    private static let stallMilliseconds: Int64 = 3_000
    private var driver: FeedDriver
    private let agent: AgentEvents
    private let time: AgentTime
    private let output: AsyncStream<[DomainEvent]>.Continuation
    private let isStopping = Atomic<Bool>(false)
    private var waiting: [DomainEvent] = []
    private var unstored: (count: Int, since: Instant)?

    init(_ capture: consuming HelperCapture, driver: FeedDriver, agent: AgentEvents, time: AgentTime) {
        self.capture = capture
        self.driver = driver
        self.agent = agent
        self.time = time
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
        var lastLook = AgentTime.steadyClock()
        var lastTick = lastLook
        var lastFlush = lastLook
        var now = look()
        var lastTime = now
        var dropped = capture.counters.dropped
        while !isStopping.load(ordering: .relaxed) {
            var got = false
            do {
                got = try capture.next { header, bytes in
                    var header = header
                    let wall = Instant(milliseconds: header.at.milliseconds)
                    let shift = wall - time.time(ofWall: wall)
                    if shift != 0 { header.at = Timestamp(milliseconds: header.at.milliseconds - shift) }
                    waiting += driver.frame(header, bytes)
                }
            } catch {
                failure = error
                break
            }
            while let change = capture.takeChange() { note(change) }
            let steady = AgentTime.steadyClock()
            if !got || steady - lastLook >= 10 {
                now = look()
                lastLook = steady
            }
            if steady - lastTick >= 1_000 {
                // The helper had nothing left when it last gave its counts: no frame of an earlier time can follow.
                let quiet = capture.quietMilliseconds
                if !got, capture.isIdle { waiting += driver.advance(to: now - 250 - quiet) }
                watch(quiet, at: now)
                let total = capture.counters.dropped
                if total > dropped {
                    // The helper's count may be a little older than the frames.
                    let reason = "kernel dropped \(total - dropped) frames on \(capture.interface)"
                    waiting.append(agent.event(.agentGap(from: lastTime - 250, until: now, reason: reason), at: now))
                    dropped = total
                }
                for gap in [silence.due(at: now), stall.due(at: now)].compactMap(\.self) {
                    waiting.append(agent.event(gap, at: now))
                }
                lastTick = steady
                lastTime = now
            }
            if !got || steady - lastFlush >= 20 || waiting.count >= 500 {
                flush()
                lastFlush = steady
            }
        }
        let end = look()
        for gap in [silence.end(at: end), stall.end(at: end)].compactMap(\.self) {
            waiting.append(agent.event(gap, at: end))
        }
        waiting += driver.finish(at: end)
        flush()
        output.finish()
    }

    /// Tells a person what happened to the interface, and the log when nothing can be heard.
    private func note(_ change: InterfaceChange) {
        say("\(change)")
        let now = look()
        switch change {
        case .down, .gone: silence.begin("\(change)", at: now)
        case .up, .returned:
            if let gap = silence.end(at: now) { waiting.append(agent.event(gap, at: now)) }
        // Until now is told by the beginning of the run.
        case .notUp: silence.begin("\(change)", since: 0, at: now)
        case .renamed: break
        }
    }

    /// A helper that is stopped hears nothing, and cannot say so itself.
    private func watch(_ quiet: Int64, at now: Instant) {
        switch (isStalled, quiet >= Self.stallMilliseconds) {
        case (false, true):
            let reason = "\(capture.interface): the capture helper says nothing"
            say(reason)
            stall.begin(reason, since: quiet, at: now)
            isStalled = true
        case (true, false):
            say("\(capture.interface): the capture helper speaks again")
            if let gap = stall.end(at: now) { waiting.append(agent.event(gap, at: now)) }
            isStalled = false
        default: break
        }
    }

    private func flush() {
        guard !waiting.isEmpty else { return }
        let now = look()
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

    /// What time it is; a step of the wall clock is told by whoever sees it first.
    private func look() -> Instant {
        let (now, step) = time.look()
        if let step { waiting.append(agent.event(.agentClockStep(milliseconds: step), at: now)) }
        return now
    }
}
