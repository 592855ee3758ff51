import Foundation
import Testing

/// From an unknown office to a site file: the simulator knows what stands there.
struct DiscoverTests {
    /// `address profile` of each device of a site file, as the simulator and `discover` write them.
    private static func devices(_ text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").compactMap { line in
                guard line.contains("profile:"), !line.contains("#") else { return nil }
                func value(_ key: String) -> String? {
                    guard let start = line.range(of: key + ": ") else { return nil }
                    return line[start.upperBound...].prefix { $0 != "," && $0 != " " && $0 != "}" }
                        .trimmingCharacters(in: .whitespaces)
                }
                return value("address").flatMap { address in value("profile").map { address + " " + $0 } }
            })
    }

    @Test(arguments: ["tiny", "demo"]) func `every device of a day is found with the profile that reads it`(
        scenario: String
    ) throws {
        let scratch = try Scratch("discover")
        try Command.run("sim", ["day", "--scenario", scenario, "--seed", "5", "--out", scratch.path])
        let draft = scratch.path + "/draft.yaml"
        try Command.run("agent", ["discover", scratch.path + "/capture.pcap", "--out", draft, "--office", "found"])
        let wanted = Self.devices(try scratch.text("site.yaml"))
        let found = Self.devices(try scratch.text("draft.yaml"))
        #expect(wanted.count > 3)
        #expect(wanted.subtracting(found).isEmpty, "not found: \(wanted.subtracting(found).sorted())")
        // The draft is a site file as it stands.
        let words = try Command.run("agent", ["check", "-q", draft, "--devices", "devices"])
        #expect(words.contains("found, 0 counters"))
        // It is not written over.
        try Command.run("agent", ["discover", scratch.path + "/capture.pcap", "--out", draft], status: 64)
    }
}
