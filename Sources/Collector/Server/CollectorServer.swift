public import Domain
import Hummingbird
public import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// The collector as one process serves it: ingest, questions, pages, health and metrics over one store.
public struct CollectorServer: Sendable {
    public let store: Store
    public let counters: Counters
    public let days: OfficeDays
    public let ingest: Ingest
    public let annotator: Annotator
    let materialiser: Materialiser
    let limits: IngestLimits
    let logger: Logger
    let started: Instant

    public init(
        store: Store, limits: IngestLimits = IngestLimits(), logger: Logger,
        now: @escaping @Sendable () -> Instant = { Instant.wallClock }
    ) {
        self.store = store
        self.limits = limits
        self.logger = logger
        let counters = Counters()
        let days = OfficeDays(store: store, counters: counters, now: now)
        let materialiser = Materialiser(days, logger: logger)
        self.counters = counters
        self.days = days
        self.materialiser = materialiser
        ingest = Ingest(
            store: store, limits: limits, counters: counters, now: now,
            touched: { await materialiser.touch($0) })
        annotator = Annotator(days: days, ingest: ingest, now: now)
        started = now()
    }

    /// Serves until SIGTERM or SIGINT, lets requests that are under way finish, and closes the store.
    ///
    /// `ready` is told the address that answers (with the port that was given for port 0).
    /// Throws `ListenError` when the address cannot be had.
    public func run(host: String, port: Int, ready: @escaping @Sendable (String) -> Void) async throws {
        var application = Application(
            router: router(),
            server: .http1(configuration: .init(idleTimeout: .seconds(90))),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "deskwatch-collector"),
            onServerRunning: { channel in
                let bound = channel.localAddress?.port ?? port
                ready("http://" + (host.contains(":") ? "[\(host)]" : host) + ":\(bound)")
            },
            logger: logger)
        application.logger.logLevel = .warning
        let keeping = Task { await materialiser.run() }
        defer { keeping.cancel() }
        do {
            try await application.runService(gracefulShutdownSignals: [.sigterm, .sigint])
        } catch let error as IOError {
            throw ListenError(host: host, port: port, code: error.errnoCode)
        }
        keeping.cancel()
        await keeping.value
        try store.close()
    }
}

/// The address cannot be had (exit 69).
public struct ListenError: Error, CustomStringConvertible {
    public var host: String
    public var port: Int
    public var code: Int32

    public var description: String {
        switch code {
        case 98: "port \(port) on \(host) is in use: another collector? choose one with --listen HOST:PORT"
        case 99: "\(host) is not an address of this machine"
        case 13: "not allowed to listen on port \(port)"
        default: "cannot listen on \(host):\(port) (errno \(code))"
        }
    }
}
