import Capture
import Foundation
import Testing
import Wire

/// VLAN tags, each capture beside tshark's reading of it.
@Suite(
    .enabled(
        if: SharedCaptures.isPresent && Tshark.isInstalled, "needs the shared captures and tshark (apt: tshark)"))
struct TagTests {
    /// Captures with a tag that is not the frame's own, and why we don't count it.
    static let differences = [
        "the-tcpdump-group+tcpdump/tests__arista_ether.pcap":
            "Frames 5 to 9 have their tag behind an Arista mirror port's time stamp (0xD28B), which we do not read."
    ]

    @Test func `every VLAN tag that tshark sees is counted, and no other`() throws {
        var compared = 0
        for entry in SharedCaptures.entries where !entry.tsharkFailed {
            var dissector = Dissector()
            var file = try CaptureFile(path: entry.file)
            while try file.next({ header, bytes in dissector.dissect(bytes, header) { _ in } }) {}
            var ours: [UInt16: UInt64] = [:]
            for (id, isService, count) in dissector.counters.vlans where !isService { ours[id] = count }
            let isTagged = entry.protocols.contains("vlan") || entry.protocols.contains("gre")
            guard isTagged || dissector.counters.vlans.isEmpty == false else { continue }
            var theirs: [UInt16: UInt64] = [:]
            for line in try Tshark.fields(["vlan.id"], of: entry.file) {
                for id in line.split(separator: ",").compactMap({ UInt16($0) }) { theirs[id, default: 0] += 1 }
            }
            compared += 1
            if Self.differences[entry.path] == nil { #expect(ours == theirs, "\(entry.path)") }
        }
        #expect(compared > 30)
    }
}

/// The judge from outside.
enum Tshark {
    static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/tshark")

    /// One line per frame, the fields separated by tabs.
    static func fields(_ names: [String], of path: String, filter: String? = nil) throws -> [Substring] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/tshark")
        process.arguments =
            ["-n", "-r", path, "-T", "fields"] + names.flatMap { ["-e", $0] } + (filter.map { ["-Y", $0] } ?? [])
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    }
}
