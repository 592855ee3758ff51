import Agent
import Domain
import Foundation
import Testing

struct SpoolStatusTests {
    @Test func `profiles that nobody has verified are seen from outside, until a run hears by none`() throws {
        let folder = NSTemporaryDirectory() + "deskwatch-status-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let events = AgentEvents(agent: "a", office: "o")
        for profiles in [["acme/tq-200", "generic/udp-board"], []] {
            let spool = try Spool(
                disk: PosixDisk(path: folder), agent: "a", now: Instant(milliseconds: 0), gapRecord: events.record)
            spool.hear(byUnverified: profiles)
            let status = try #require(try SpoolStatus(path: folder))
            #expect(status.unverified == profiles)
            let row = status.rows(clock: OfficeClock(offsetSeconds: 0)).first { $0.label == "unverified profiles" }
            #expect(row?.value == (profiles.isEmpty ? nil : "acme/tq-200, generic/udp-board"))
            let json = status.json(clock: OfficeClock(offsetSeconds: 0))
            #expect(
                json.contains(
                    profiles.isEmpty ? #""unverified":[]"# : #""unverified":["acme/tq-200","generic/udp-board"]"#))
            try spool.close()
        }
    }
}
