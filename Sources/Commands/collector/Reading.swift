import ArgumentParser
import Collector

/// Where a reading command looks, and in which form it answers.
struct Reading: ParsableArguments {
    @Option(help: ArgumentHelp("Read this data directory, beside a running collector too.", valueName: "dir"))
    var data: String?

    @Option(help: ArgumentHelp("Ask the collector at this address (default: http://127.0.0.1:8480).", valueName: "url"))
    var url: String?

    @Option(name: [.customLong("output"), .customShort("o")], help: "The form of the answer.")
    var output: String?

    func validate() throws {
        if data != nil, url != nil { throw ValidationError("--data and --url exclude each other") }
    }

    /// Asks, prints the answer, and exits as documented.
    func ask(_ query: some Query, _ values: [String: String?]) async throws {
        try await exiting {
            var values = values.compactMapValues { $0 }
            if let output { values["output"] = output }
            // Only a person's form depends on the terminal.
            let form = try Arguments(values, for: query).output
            if form == .table || form == .text {
                if Terminal.hasColour { values["colour"] = "1" }
                values["width"] = String(Terminal.width)
            }
            let answer: Answer
            if let data {
                let store = try Store.reading(directory: data)
                answer = try await query.answer(Arguments(values, for: query), from: OfficeDays(store: store))
            } else {
                answer = try await QueryClient(url ?? "http://127.0.0.1:8480").answer(query, values)
            }
            write(answer.body, to: 1)
            if let note = answer.note, !answer.body.contains(note) { complain(note) }
            if answer.differs { throw ExitCode(1) }
        }
    }
}
