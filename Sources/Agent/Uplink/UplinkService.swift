import AsyncHTTPClient
import Domain
import Logging
import NIOCore
import NIOHTTP1
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// Sends the spool's records to a collector until it is cancelled: one connection, kept alive, one batch under way.
public struct UplinkService: Sendable {
    let keeper: SpoolKeeper
    let url: String
    let limits: Uplink.Limits
    /// For one request, answer included.
    let timeout: Duration

    /// `url`: the collector's base, like `http://127.0.0.1:8480`.
    public init(
        keeper: SpoolKeeper, url: String, limits: Uplink.Limits = Uplink.Limits(), timeout: Duration = .seconds(30)
    ) {
        self.keeper = keeper
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.limits = limits
        self.timeout = timeout
    }

    /// Runs until the task is cancelled. Never throws: what goes wrong is in `keeper.uplink`, and is tried again.
    public func run() async {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(5)
        configuration.decompression = .disabled
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        await loop(client)
        try? await client.shutdown()
    }

    private func loop(_ client: HTTPClient) async {
        var uplink = Uplink(limits: limits)
        var report = UplinkReport()
        var declared: Batch.Lost?
        var news = keeper.news.makeAsyncIterator()
        let clock = ContinuousClock()
        let start = clock.now
        func now() -> Int64 { (clock.now - start).milliseconds }
        while !Task.isCancelled {
            let acknowledged = await keeper.acknowledged
            switch uplink.next(pending: await keeper.durable - acknowledged, now: now()) {
            case .idle:
                if await news.next() == nil { return }
            case .wait(let milliseconds):
                try? await Task.sleep(for: .milliseconds(milliseconds))
            case .send(let records, let bytes):
                do {
                    guard let portion = try await keeper.nextPortion(records: records, bytes: bytes) else {
                        // Nothing readable although something is durable: what was lost will be named by the next commit.
                        try? await keeper.commit()
                        try? await Task.sleep(for: .milliseconds(100))
                        continue
                    }
                    let (receipt, trip) = try await send(portion, declared: declared, over: client)
                    report.batches += 1
                    report.roundTrip = trip.milliseconds
                    report.clockOffset = receipt.received.milliseconds - wallClock() + trip.milliseconds / 2
                    switch uplink.answered(
                        receipt, to: portion, acknowledged: acknowledged, now: now(), chance: .random(in: 0 ... .max))
                    {
                    case .acknowledged(let through):
                        declared = nil
                        try await keeper.acknowledge(through: through)
                    case .regressed(let lost): declared = lost
                    case .stuck: report.failures += 1
                    }
                    report.problem = uplink.problem
                } catch {
                    if Task.isCancelled { return }
                    report.failures += 1
                    let failure = error as? UplinkFailure
                    uplink.failed(
                        failure?.failure ?? .unreachable("\(url): \(Self.text(error))"), now: now(),
                        chance: .random(in: 0 ... .max))
                    report.problem = uplink.problem
                }
                await keeper.note(report)
            }
        }
    }

    private func send(
        _ portion: Spool.Portion, declared: Batch.Lost?, over client: HTTPClient
    ) async throws -> (Receipt, Duration) {
        let agent = await keeper.agent
        let epoch = await keeper.epoch
        let batch = Batch(
            agent: agent, epoch: epoch, first: portion.first, records: portion.records,
            previousHash: portion.previousHash, hash: portion.chain.hash,
            lost: (declared.map { [$0] } ?? []) + portion.lost,
            sent: Instant(milliseconds: wallClock()))
        var request = HTTPClientRequest(url: url + Batch.path)
        request.method = .POST
        request.headers.add(name: "content-type", value: Batch.contentType)
        request.headers.add(name: "user-agent", value: "deskwatch-agent")
        request.body = .bytes(ByteBuffer(bytes: try batch.encoded()))
        let start = ContinuousClock.now
        let response = try await client.execute(request, timeout: .nanoseconds(Int64(timeout.milliseconds * 1_000_000)))
        let body = try await response.body.collect(upTo: 65_536)
        let trip = ContinuousClock.now - start
        let status = Int(response.status.code)
        switch status {
        case 200:
            do {
                let receipt = try Receipt(decoding: Array(body.readableBytesView))
                guard receipt.agent == agent, receipt.epoch == epoch else {
                    throw UplinkFailure(.garbled("it names another agent or epoch"))
                }
                return (receipt, trip)
            } catch let error as RecordError {
                throw UplinkFailure(.garbled(error.description))
            }
        case 413: throw UplinkFailure(.tooLarge)
        case 408, 425, 429, 500...:
            let seconds = response.headers.first(name: "retry-after").flatMap { Int64($0) }
            throw UplinkFailure(.busy(status: status, retryAfter: seconds.map { min(max(0, $0), 86_400) * 1_000 }))
        default:
            let text = String(decoding: body.readableBytesView.prefix(200), as: UTF8.self)
            throw UplinkFailure(.refused(status: status, text.filter { !$0.isNewline }))
        }
    }

    private static func text(_ error: any Error) -> String {
        guard let error = error as? HTTPClientError else { return "\(error)" }
        return error.shortDescription
    }
}

private struct UplinkFailure: Error {
    var failure: Uplink.Failure
    init(_ failure: Uplink.Failure) { self.failure = failure }
}

extension Duration {
    var milliseconds: Int64 { components.seconds &* 1_000 &+ components.attoseconds / 1_000_000_000_000_000 }
}

/// Milliseconds since 1970 by this machine's clock.
public func wallClock() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}
