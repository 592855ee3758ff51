import Agent
import Domain
import Foundation
import Testing
import Wire

/// A file on a real disk, written as programs write logs.
struct FileFollowerTests {
    final class Log {
        let path: String
        init() throws {
            path =
                FileManager.default.temporaryDirectory.appendingPathComponent(
                    "follow-\(UInt64.random(in: 0...UInt64.max)).csv"
                ).path
        }
        deinit {
            try? FileManager.default.removeItem(atPath: path)
            try? FileManager.default.removeItem(atPath: path + ".1")
        }
        func write(_ text: String) throws { try text.write(toFile: path, atomically: false, encoding: .utf8) }
        func append(_ text: String) throws {
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
        }
        func rotate() throws { try FileManager.default.moveItem(atPath: path, toPath: path + ".1") }
    }

    static let header = "time,number\n"
    static let now = Instant(milliseconds: 1_794_272_400_000)

    static func row(_ number: String, _ time: String = "2026-11-10T07:31:02+07:00") -> String { "\(time),\(number)\n" }

    static func follower(_ log: Log) -> FileFollower {
        let profile = DeviceProfile(
            id: "test/log", name: LocalizedName(vi: "", en: "log"), kind: .queue, protocolName: .csv,
            stamped: DeviceProfile.Stamp(field: "column.time", format: .iso8601),
            rules: [
                DeviceProfile.Rule(
                    id: "issued", event: "ticket.issued", payload: [DeviceProfile.Entry("number", "{column.number}")])
            ])
        let clock = OfficeClock(offsetSeconds: 7 * 3_600)
        return FileFollower(path: log.path, form: nil, protocolName: .csv) { feed throws(ProfileError) in
            try Pipeline(profile: profile, clock: clock, feed: feed)
        }
    }

    /// What a spool knows: the last position of each feed.
    final class Known {
        var positions: [String: UInt64] = [:]
        func take(_ events: [DomainEvent]) -> [String] {
            var numbers: [String] = []
            for event in events where event.provenance.position > (positions[event.feed] ?? 0) {
                positions[event.feed] = event.provenance.position
                if case .ticketIssued(let number, _, _, _) = event.kind { numbers.append(number) }
            }
            return numbers
        }
    }

    @Test func `rows are read once, whole, and when they come`() async throws {
        let log = try Log()
        let known = Known()
        var follower = Self.follower(log)
        #expect(try await follower.look(now: Self.now) { _ in nil }.isEmpty)
        try log.write(Self.header + Self.row("A1") + "2026-11-10T07:40:00+07:00,A")
        var events = try await follower.look(now: Self.now) { _ in nil }
        #expect(events.first?.observed == Self.now)
        #expect(known.take(events) == ["A1"])
        try log.append("2\n" + Self.row("A3"))
        events = try await follower.look(now: Self.now + 1_000) { _ in nil }
        #expect(known.take(events) == ["A2", "A3"])
        #expect(try await follower.look(now: Self.now + 2_000) { _ in nil }.isEmpty)
    }

    @Test func `rows that cannot be read are counted across files, and the first is told with its place`() async throws
    {
        let log = try Log()
        let known = Known()
        try log.write(Self.header)
        var follower = Self.follower(log)
        _ = try await follower.look(now: Self.now) { _ in nil }
        try log.append(Self.row("A1") + "2026-11-10T07:40:00+07:00,A, 2\n" + Self.row("A3"))
        #expect(known.take(try await follower.look(now: Self.now) { _ in nil }) == ["A1", "A3"])
        #expect(follower.malformed == 1)
        // It began behind the header, where lines are not known.
        #expect(
            follower.counters.faults.map { $0.told(of: "log.csv") } == [
                "log.csv: row at byte 41: 3 fields, the header has 2"
            ])
        try log.rotate()
        try log.write(Self.header + "x\n" + Self.row("A4"))
        #expect(known.take(try await follower.look(now: Self.now) { _ in nil }) == ["A4"])
        #expect(follower.malformed == 2)
        #expect(
            follower.counters.faults.map { $0.told(of: "log.csv") } == ["log.csv:2: 1 fields, the header has 2"])
    }

    @Test func `what was there before the first start is history`() async throws {
        let log = try Log()
        let known = Known()
        try log.write(Self.header + Self.row("A1") + Self.row("A2") + "2026-11-10T07:40:00+07:00,A")
        var follower = Self.follower(log)
        #expect(try await follower.look(now: Self.now) { _ in nil }.isEmpty)
        try log.append("3\n" + Self.row("A4"))
        #expect(known.take(try await follower.look(now: Self.now) { _ in nil }) == ["A3", "A4"])
    }

    @Test func `a restart goes on where it was, and what came meanwhile has its own time`() async throws {
        let log = try Log()
        let known = Known()
        try log.write("")
        var first = Self.follower(log)
        _ = try await first.look(now: Self.now) { known.positions[$0] }
        try log.write(Self.header + Self.row("A1") + Self.row("A2"))
        #expect(known.take(try await first.look(now: Self.now) { known.positions[$0] }) == ["A1", "A2"])
        try log.append(Self.row("A3", "2026-11-10T07:50:00+07:00"))
        var second = Self.follower(log)
        let events = try await second.look(now: Self.now) { known.positions[$0] }
        #expect(known.take(events) == ["A3"])
        let text = OfficeClock(offsetSeconds: 7 * 3_600).text(events.last?.at ?? .distantPast)
        #expect(text == "2026-11-10T07:50:00.000+07:00")
    }

    @Test func `a renamed file is read to its end, and the new one from its beginning`() async throws {
        let log = try Log()
        let known = Known()
        try log.write("")
        var follower = Self.follower(log)
        _ = try await follower.look(now: Self.now) { _ in nil }
        try log.append(Self.header + Self.row("A1"))
        #expect(known.take(try await follower.look(now: Self.now) { _ in nil }) == ["A1"])
        try log.append(Self.row("A2"))
        try log.rotate()
        try log.write(Self.header + Self.row("B1", "2026-11-11T07:31:02+07:00"))
        #expect(known.take(try await follower.look(now: Self.now) { _ in nil }) == ["A2", "B1"])
        #expect(known.positions.count == 2)
    }

    @Test func `an emptied file begins anew`() async throws {
        let log = try Log()
        let known = Known()
        try log.write("")
        var follower = Self.follower(log)
        _ = try await follower.look(now: Self.now) { _ in nil }
        try log.write(Self.header + Self.row("A1") + Self.row("A2"))
        #expect(known.take(try await follower.look(now: Self.now) { _ in nil }) == ["A1", "A2"])
        try log.write(Self.header)
        _ = try await follower.look(now: Self.now) { _ in nil }
        try log.append(Self.row("B1", "2026-11-11T07:31:02+07:00"))
        #expect(known.take(try await follower.look(now: Self.now) { _ in nil }) == ["B1"])
    }
}
