import Agent
import ArgumentParser
import Domain

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What the spool holds, what was confirmed, what went wrong. Also beside a running agent.")

    enum Form: String, ExpressibleByArgument, CaseIterable { case table, json }

    @Option(help: ArgumentHelp("The spool's folder.", valueName: "dir"))
    var spool: String?

    @Option(help: "How to print it.")
    var output = Form.table

    func run() throws {
        let folder = spool ?? SpoolPlace.standard(environment: environment())
        let found: SpoolStatus?
        do {
            found = try SpoolStatus(path: folder)
        } catch {
            throw stop("\(folder): \(error)", 1)
        }
        guard let status = found else { throw stop("\(folder): no spool here", 1) }
        let clock = OfficeClock(offsetSeconds: 0)
        var lines = LineWriter()
        switch output {
        case .json: lines.write(status.json(clock: clock))
        case .table:
            let rows = status.rows(clock: clock)
            let width = rows.map(\.label.count).max() ?? 0
            for row in rows {
                lines.write(row.label + String(repeating: " ", count: width - row.label.count + 2) + row.value)
            }
        }
        lines.flush()
    }
}
