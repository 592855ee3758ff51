import Domain
import Testing
import Wire

/// Rows of files on their way to events.
struct RowTests {
    static let clock = OfficeClock(offsetSeconds: 7 * 3_600)

    static func profile(
        device: String? = "{column.name}", observed: DeviceProfile.Stamp? = nil, rules: [DeviceProfile.Rule]? = nil
    ) -> DeviceProfile {
        DeviceProfile(
            id: "test/rows", name: LocalizedName(vi: "", en: "rows"), kind: .queue, protocolName: .csv,
            stamped: DeviceProfile.Stamp(.template("{column.date} {column.time}"), format: .iso8601),
            file: DeviceProfile.FileForm(device: device, observed: observed),
            rules: rules ?? [
                DeviceProfile.Rule(
                    id: "snapshot", match: [], event: "queue.snapshot",
                    payload: [DeviceProfile.Entry("waiting", "{column.waiting}")])
            ])
    }

    static func row(_ values: (String, String)...) -> Message {
        var message = Message(.csv)
        for (name, value) in values { message.add(FieldName("column." + name), text: value) }
        return message
    }

    static func site(_ devices: [Device]) -> SiteRevision {
        let site = Site(
            office: Office(id: "o", name: LocalizedName(vi: "O", en: "O"), timezone: "Asia/Ho_Chi_Minh", clock: clock),
            hours: WeeklyHours([:]), services: [], counters: [], devices: devices)
        return SiteRevision(site: site, validFrom: LocalDay(number: 0), source: [], digest: [])
    }

    @Test func `without a site each name is a device and its office, and its stamp is the time`() throws {
        var pipeline = try Pipeline(profile: Self.profile(), clock: Self.clock, feed: "f")
        var events: [DomainEvent] = []
        for (index, name) in ["wola", "ursus", "wola"].enumerated() {
            let row = Self.row(
                ("name", name), ("date", "2026-11-10"), ("time", "08:0\(index)"), ("waiting", String(index)))
            events += pipeline.ingest(row: row, heard: nil, position: UInt64(index + 1) << 16)
        }
        #expect(events.map(\.device) == ["wola", "ursus", "wola"])
        #expect(events.map(\.office) == ["wola", "ursus", "wola"])
        #expect(
            events.map { Self.clock.text($0.at).prefix(16) } == [
                "2026-11-10T08:00", "2026-11-10T08:01", "2026-11-10T08:02",
            ])
        #expect(events.allSatisfy { $0.at == $0.observed && $0.at == $0.stamped })
        // There is one clock only, and it can't be compared with itself.
        #expect(pipeline.clocks.map { $0.stretches.map(\.state) } == [[.none], [.none]])
    }

    @Test func `a column that was observed is the agent's time, and the clock is judged by it`() throws {
        let observed = DeviceProfile.Stamp(field: "column.seen", format: .iso8601)
        var pipeline = try Pipeline(profile: Self.profile(observed: observed), clock: Self.clock, feed: "f")
        var events: [DomainEvent] = []
        for minute in 0..<30 {
            let row = Self.row(
                ("name", "wola"), ("date", "2026-11-10"), ("time", "08:\(minute + 10)"), ("waiting", "1"),
                ("seen", "2026-11-10T08:\(minute + 14):00+07:00"))
            events += pipeline.ingest(row: row, heard: nil, position: UInt64(minute + 1) << 16)
        }
        let stretches = try #require(pipeline.clocks.first).stretches
        #expect(stretches.map(\.state) == [.skewed] && stretches[0].offset == 240_000)
        let clockEvents = events.filter { $0.kind.name == "device.clock" }
        #expect(
            clockEvents.map(\.kind) == [
                .deviceClock(class: "skewed", offsetMilliseconds: 240_000, driftMillisecondsPerDay: nil)
            ])
        #expect(clockEvents.filter(\.isCore).isEmpty)
    }

    @Test func `a site's devices have the rows that name them, and one may have the rest`() throws {
        let named = Device(id: "a", profile: "test/rows", address: "name:wola")
        let rest = Device(id: "b", profile: "test/rows", address: "file:/var/log/queue.csv")
        func devices(_ site: [Device]) throws -> ([String], UInt64) {
            var pipeline = try Pipeline(site: Self.site(site), profiles: [Self.profile()], feed: "f")
            var events: [DomainEvent] = []
            for (index, name) in ["wola", "ursus"].enumerated() {
                let row = Self.row(("name", name), ("date", "2026-11-10"), ("time", "08:00"), ("waiting", "1"))
                events += pipeline.ingest(row: row, heard: nil, position: UInt64(index + 1) << 16)
            }
            #expect(events.allSatisfy { $0.office == "o" })
            return (events.map(\.device), pipeline.counters.strangers)
        }
        let one = try devices([named])
        #expect(one.0 == ["a"] && one.1 == 1)
        let two = try devices([named, rest])
        #expect(two.0 == ["a", "b"] && two.1 == 0)
    }

    @Test func `what happens once per key is told once, and each rule has its own time`() throws {
        let rules = [
            DeviceProfile.Rule(
                id: "received", event: "dossier.received", payload: [DeviceProfile.Entry("code", "{column.case}")],
                observed: DeviceProfile.Stamp(field: "column.start", format: .iso8601), once: "{column.case}",
                continues: true),
            DeviceProfile.Rule(
                id: "returned", match: [.field("column.end", .present(true))], event: "dossier.returned",
                payload: [DeviceProfile.Entry("code", "{column.case}")],
                observed: DeviceProfile.Stamp(field: "column.end", format: .iso8601), once: "{column.case}"),
        ]
        var pipeline = try Pipeline(profile: Self.profile(device: nil, rules: rules), clock: Self.clock, feed: "f")
        var events: [DomainEvent] = []
        for (index, item) in [
            ("1", ""), ("1", "2026-11-12 10:00"), ("2", "2026-11-13 10:00"), ("1", "2026-11-12 10:00"),
        ].enumerated() {
            var row = Self.row(("case", item.0), ("start", "2026-11-10 09:00"))
            if !item.1.isEmpty { row.add("column.end", text: item.1) }
            events += pipeline.ingest(row: row, heard: nil, position: UInt64(index + 1) << 16)
        }
        #expect(
            events.map { $0.kind.name } == [
                "dossier.received", "dossier.returned", "dossier.received", "dossier.returned",
            ])
        #expect(Set(events.map(\.provenance.position)).count == 4)
        #expect(pipeline.counters.rows.first?.tally.unchanged == 3)
    }

    @Test func `a row that tells no time gives no event and is counted`() throws {
        var pipeline = try Pipeline(profile: Self.profile(), clock: Self.clock, feed: "f")
        let row = Self.row(("name", "wola"), ("waiting", "1"))
        #expect(pipeline.ingest(row: row, heard: nil, position: 1 << 16).isEmpty)
        #expect(pipeline.counters.rows.first?.tally.incomplete == 1)
        // A file that is followed is read when it is written.
        let heard = Instant(milliseconds: 1_794_270_600_000)
        #expect(pipeline.ingest(row: row, heard: heard, position: 2 << 16).map(\.at) == [heard])
    }

    @Test func `devices are bounded`() throws {
        var pipeline = try Pipeline(profile: Self.profile(), clock: Self.clock, feed: "f")
        for index in 0..<Pipeline.deviceLimit + 10 {
            let row = Self.row(("name", "n\(index)"), ("date", "2026-11-10"), ("time", "08:00"), ("waiting", "1"))
            _ = pipeline.ingest(row: row, heard: nil, position: UInt64(index + 1) << 16)
        }
        #expect(pipeline.counters.rows.count == Pipeline.deviceLimit && pipeline.counters.strangers == 10)
    }

    @Test func `addresses of rows`() {
        #expect(FileAddress("name:UD_Wola")?.name == "UD_Wola" && FileAddress("name:*")?.name == nil)
        #expect(FileAddress("file:/var/log/q.csv")?.path == "/var/log/q.csv")
        #expect(FileAddress("file:/var/log/q.csv#K1")?.name == "K1")
        #expect(FileAddress("192.168.1.1") == nil && FileAddress("name:") == nil && FileAddress("file:#x") == nil)
    }
}
