public import Domain
internal import Foundation

/// A day on disk: what a listener gets to see (`site.yaml`, `capture.pcap`) and what is true (`truth/`).
public struct SimulatedDay: Sendable {
    public var world: World
    public var siteText: String
    /// A nanosecond pcap file.
    public var capture: [UInt8]
    public var truth: Truth
    public var summary: TruthSummary

    /// The same scenario, seed and day give the same bytes in every process.
    public init(_ scenario: Scenario, seed: UInt64, day: LocalDay) {
        var scenario = scenario
        // A site file that comes into force after the day it describes would describe nothing.
        if let validFrom = scenario.site.office.validFrom, validFrom > day { scenario.site.office.validFrom = day }
        world = World.day(scenario, seed: seed, day: day)
        siteText = SiteText.yaml(scenario.site)
        let stage = Stage(world)
        stage.play()
        let recorded = stage.tap.capture()
        capture = recorded.bytes
        // The record of who was on the wire when is the frame writer's own.
        truth = Truth(
            site: scenario.site, day: day, utterances: world.utterances, evidence: stage.tap.heard)
        var summary = truth.summary
        summary.frames = recorded.frames
        self.summary = summary
    }

    /// Writes the day's files, making the folder where it is missing.
    public func write(to folder: String) throws {
        try Self.write(Array(siteText.utf8), to: folder + "/site.yaml")
        try Self.write(capture, to: folder + "/capture.pcap")
        try truth.write(to: folder + "/truth", summary: summary)
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
}

extension Truth {
    /// Writes `events.jsonl`, `visits.csv` and `summary.json`.
    func write(to folder: String, summary: TruthSummary) throws {
        let lines = eventLines.map { $0 + "\n" }.joined()
        let rows = visitRows.map { $0.joined(separator: ",") + "\n" }.joined()
        try SimulatedDay.write(Array(lines.utf8), to: folder + "/events.jsonl")
        try SimulatedDay.write(Array(rows.utf8), to: folder + "/visits.csv")
        try SimulatedDay.write(Array(summary.json.utf8), to: folder + "/summary.json")
    }
}
