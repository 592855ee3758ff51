import ArgumentParser
import Collector
import Domain
import Foundation
import Logging

struct AnnotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "annotate",
        abstract: "Says something of a stretch of an office-day; it travels with the numbers and changes none.",
        discussion: """
            Examples:
              deskwatch-collector annotate --office minh-xuan --from 2026-11-10T09:10 --until 2026-11-10T09:40 \\
                  --text "power cut" --by "shift lead"
              deskwatch-collector annotate --office minh-xuan --retract 4be01c22a7
            Both are records in the log, never deletions. With --data, a collector that serves the directory is asked to
            write; without one, this command writes. Numbers that look like a phone or identity number are refused.
            """)

    @Option(help: "The office.")
    var office: String
    @Option(help: ArgumentHelp("Its beginning: the office's time, or RFC 3339.", valueName: "moment"))
    var from: String?
    @Option(help: ArgumentHelp("Its end, on the same day.", valueName: "moment"))
    var until: String?
    @Option(help: "What happened; 240 bytes at most.")
    var text: String?
    @Option(help: "Only this counter.")
    var counter: String?
    @Option(help: "Who says so: a role or a pseudonym.")
    var by: String?
    @Option(help: ArgumentHelp("Take this annotation back.", valueName: "id"))
    var retract: String?
    @Option(help: ArgumentHelp("The collector's data directory, served or not.", valueName: "dir"))
    var data: String?
    @Option(help: ArgumentHelp("The running collector (default: http://127.0.0.1:8480).", valueName: "url"))
    var url: String?

    func validate() throws {
        if data != nil, url != nil { throw ValidationError("--data and --url exclude each other") }
        if retract != nil {
            if from != nil || until != nil || text != nil || counter != nil {
                throw ValidationError(
                    "--retract takes an annotation back as it is: no --from, --until, --text, --counter")
            }
        } else if from == nil || until == nil || text == nil {
            throw ValidationError("an annotation needs --from, --until and --text")
        }
    }

    func run() async throws {
        try await exiting {
            if let data {
                do {
                    return try await append(in: data)
                } catch StoreError.busy(let reason) {
                    guard let address = ServedAddress.read(directory: data) else {
                        throw StoreError.busy(reason + ", and does not say where: use --url")
                    }
                    return try await send(to: address)
                }
            }
            try await send(to: url ?? "http://127.0.0.1:8480")
        }
    }

    private var draft: AnnotationDraft {
        AnnotationDraft(
            office: office, counter: counter, from: from ?? "", until: until ?? "", text: text ?? "", by: by)
    }

    private func send(to address: String) async throws {
        let client = QueryClient(address)
        if let retract {
            let body = Array(try JSONEncoder().encode(AnnotationRetraction(office: office, id: retract, by: by)))
            print(try await client.post("/api/v1/annotations/retract", json: body), terminator: "")
        } else {
            let body = Array(try JSONEncoder().encode(draft))
            print(try await client.post("/api/v1/annotations", json: body), terminator: "")
        }
    }

    private func append(in directory: String) async throws {
        // A directory is not made by mistake: there must be a collector's data in it.
        _ = try Store.reading(directory: directory)
        var logger = Logger(label: "annotate")
        logger.logLevel = .error
        let store = try Store.serving(directory: directory)
        let server = CollectorServer(store: store, logger: logger)
        let result: Result<String, any Error>
        do {
            if let retract {
                let gone = try await server.annotator.retract(AnnotationRetraction(office: office, id: retract, by: by))
                result = .success("{\"id\":\"\(gone.id)\",\"retracted\":true}")
            } else {
                result = .success(try await server.annotator.annotate(draft).json)
            }
        } catch {
            result = .failure(error)
        }
        try store.close()
        print(try result.get())
    }
}
