import ArgumentParser
import Collector
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes batches in, answers questions and shows the pages.",
        discussion: """
            Example:
              deskwatch-collector serve --data /var/lib/deskwatch --listen 0.0.0.0:8480
            Everything is in one directory; one collector at a time serves it, reading commands may read beside it.
            """)

    @Option(help: ArgumentHelp("Where to keep everything; made if it is missing.", valueName: "dir"))
    var data: String

    @Option(help: ArgumentHelp("Address and port to listen on; port 0 takes a free one.", valueName: "host:port"))
    var listen = "127.0.0.1:8480"

    @Flag(help: "Say less: warnings only.")
    var quiet = false

    func run() async throws {
        let (host, port) = try Serve.address(listen)
        let isQuiet = quiet
        let directory = data
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = isQuiet ? .warning : .info
            return handler
        }
        try await exiting {
            let store = try Store.serving(directory: data)
            let server = CollectorServer(store: store, logger: Logger(label: "collector"))
            try await server.run(host: host, port: port) { address in
                // For commands beside this process that must write through it.
                ServedAddress.write(address, directory: directory)
                say("listening on \(address)")
            }
        }
    }

    /// `127.0.0.1:8480`, `[::1]:8480`, `:8480`.
    static func address(_ text: String) throws -> (host: String, port: Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw ValidationError("'\(text)' is not HOST:PORT, as 127.0.0.1:8480") }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return (host.isEmpty ? "0.0.0.0" : host, port)
    }
}
