import Capture
import Testing
import Wire

/// What `decode --summary` counts against tshark's counts (`captures/expected.tsv`).
@Suite(.enabled(if: SharedCaptures.isPresent, SharedCaptures.absent))
struct SummaryTests {
    static let protocols: Set<String> = ["sip", "mqtt", "syslog"]

    @Test func `messages agree with tshark on every capture that has SIP, MQTT or UDP syslog`() throws {
        var expected: [String: [String: UInt64]] = [:]
        for row in SharedCaptures.rows("expected.tsv") where row.count == 5 && Self.protocols.contains(row[1]) {
            expected[row[0], default: [:]]["\(row[1])\t\(row[2])\t\(row[3])"] = UInt64(row[4])
        }
        #expect(expected.count > 30)
        for entry in SharedCaptures.entries {
            let ours = Self.summary(entry.file)
            let theirs = expected[entry.path] ?? [:]
            for key in Set(ours.keys).union(theirs.keys).sorted() {
                #expect(
                    ours[key] == theirs[key],
                    "\(entry.path): \(key): ours \(ours[key] ?? 0), tshark \(theirs[key] ?? 0)")
            }
        }
    }

    static func summary(_ path: String) -> [String: UInt64] {
        var summary = Summary()
        var dissector = Dissector()
        do {
            var file = try CaptureFile(path: path)
            while try file.next({ header, bytes in
                dissector.dissect(bytes, header) {
                    if $0.transport == .udp || $0.message.protocolName != .syslog { summary.add($0.message) }
                }
            }) {}
        } catch {}
        dissector.finish { summary.add($0.message) }
        var rows: [String: UInt64] = [:]
        for (key, count) in summary.rows where protocols.contains(key.protocolName.rawValue) {
            rows["\(key.protocolName.rawValue)\t\(key.kind)\t\(key.value)"] = count
        }
        return rows
    }
}
