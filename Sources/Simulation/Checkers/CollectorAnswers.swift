internal import Collector
internal import Domain
internal import Foundation

/// Asks a collector: a running one by its address, or a data folder through the collector's own command.
public enum CollectorAnswers: Sendable {
    case url(String)
    case data(folder: String, program: String)

    public struct Failure: Error, CustomStringConvertible {
        /// The collector could not be reached at all.
        public var isUnavailable: Bool
        public var description: String
    }

    /// `/api/v1/<name>` with those parameters; the body of the answer.
    public func answer(_ name: String, _ parameters: [(String, String)]) async throws -> String {
        switch self {
        case .url(let base):
            do {
                return try await QueryClient(base).text(of: name, parameters)
            } catch let error as QueryClient.Unavailable {
                throw Failure(isUnavailable: true, description: error.description)
            } catch {
                throw Failure(isUnavailable: false, description: "\(base): \(error)")
            }
        case .data(let folder, let program):
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = ["query", name] + parameters.map { "\($0.0)=\($0.1)" } + ["--data", folder]
            let pipe = Pipe()
            process.standardOutput = pipe
            do {
                try process.run()
            } catch {
                throw Failure(isUnavailable: true, description: "\(program): \(error.localizedDescription)")
            }
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw Failure(
                    isUnavailable: false, description: "\(program) query \(name): status \(process.terminationStatus)")
            }
            return String(decoding: data, as: UTF8.self)
        }
    }
}

/// The truth of a day as it lies on disk, compared with a collector's answers.
public struct TruthOnDisk: Sendable {
    public var summary: TruthSummary
    public var rows: [[String]]
    public var events: [String]

    /// - Parameter folder: what `deskwatch-sim day` or `live` wrote.
    public init(folder: String) throws {
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: folder + "/truth/" + name, encoding: .utf8)
        }
        summary = try JSONDecoder().decode(TruthSummary.self, from: Data(text("summary.json").utf8))
        rows = Self.rows(try text("visits.csv"))
        events = Self.lines(try text("events.jsonl"))
    }

    /// Everything that differs.
    public func compare(
        with answers: CollectorAnswers, office: String? = nil, tolerance: Int64 = 0
    ) async throws -> Comparison {
        let office = office ?? summary.office
        var asked = [("date", summary.day), ("office", office)]
        let events = try await answers.answer("events", asked + [("core", "1")])
        // The whole day, also where this machine's clock is before its end.
        if let end = Self.dayEnd(rows) { asked.append(("asOf", end)) }
        let visits = Self.rows(try await answers.answer("visits", asked + [("output", "csv")]))
        let report = try await answers.answer("report", asked + [("period", "day"), ("output", "json")])
        var comparison = Comparison(tolerance: tolerance)
        comparison.events(truth: self.events, reported: Self.lines(events))
        comparison.visits(truth: rows, reported: visits)
        comparison.totals(truth: summary, rows: visits, report: try Self.totals(report))
        return comparison
    }

    /// The end of the local day that the rows are about.
    private static func dayEnd(_ rows: [[String]]) -> String? {
        guard let header = rows.first, let day = header.firstIndex(of: "day"), rows.count > 1,
            let time = rows[1].first(where: { Comparison.milliseconds($0) != nil }), rows[1].count > day,
            let date = LocalDay(rows[1][day])
        else { return nil }
        return "\(date + 1)T00:00:00.000" + time.suffix(6)
    }

    private static func totals(_ json: String) throws -> ReportedTotals {
        struct Paper: Decodable {
            struct Metric: Decodable {
                var id: String
                var n: Int
                var numerator: Int64?
            }
            var metrics: [Metric]
        }
        let paper = try JSONDecoder().decode(Paper.self, from: Data(json.utf8))
        var totals = ReportedTotals(visits: nil, causes: [:])
        for metric in paper.metrics {
            if metric.id == "visits" { totals.visits = metric.n }
            if metric.id.hasPrefix("wait."), let numerator = metric.numerator {
                totals.causes[String(metric.id.dropFirst(5))] = numerator
            }
        }
        return totals
    }

    static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init)
    }

    /// No cell of `visits.csv` needs quotes but flags and ids, which never have commas.
    static func rows(_ text: String) -> [[String]] {
        text.split(whereSeparator: \.isNewline).map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
