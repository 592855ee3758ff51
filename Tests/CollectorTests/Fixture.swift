import Domain
import Foundation
import GRDB
import Logging
import Records

@testable import Collector

/// A directory that goes away with the value.
final class Scratch: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/deskwatch-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// An agent's spool without the disk: numbers records, chains them, and cuts batches.
struct Sender: Sendable {
    let agent: String
    let epoch: Epoch
    private(set) var records: [[UInt8]] = []
    /// `hashes[n]` is h of record n.
    private(set) var hashes: [[UInt8]]

    init(_ agent: String = "pc-1", epoch: UInt64 = 1) {
        self.agent = agent
        self.epoch = Epoch(high: 7, low: epoch)
        hashes = [Chain(agent: agent, epoch: self.epoch).hash]
    }

    mutating func add(_ record: Records.Record) throws { add(bytes: try record.encoded()) }

    mutating func add(bytes: [UInt8]) {
        var chain = Chain(sequence: UInt64(records.count), hash: hashes[records.count])
        chain?.append(bytes)
        records.append(bytes)
        hashes.append(chain?.hash ?? [])
    }

    var last: Int { records.count }

    func batch(_ range: ClosedRange<Int>, lost: [Batch.Lost] = []) -> Batch {
        Batch(
            agent: agent, epoch: epoch, first: UInt64(range.lowerBound),
            records: Array(records[(range.lowerBound - 1)...(range.upperBound - 1)]),
            previousHash: hashes[range.lowerBound - 1], hash: hashes[range.upperBound], lost: lost, sent: Fixture.now)
    }

    /// Everything in batches of a size.
    func batches(of size: Int) -> [Batch] {
        stride(from: 1, through: last, by: size).map { batch($0...min($0 + size - 1, last)) }
    }
}

enum Fixture {
    static let clock = OfficeClock(offsetSeconds: 25_200)
    static let day = LocalDay(year: 2026, month: 11, day: 10) ?? LocalDay(number: 0)
    /// Noon, two days after the handmade day.
    static let now = at(12, 0, day: day + 2)

    static func at(_ hour: Int64, _ minute: Int64, _ second: Int64 = 0, day: LocalDay = day) -> Instant {
        clock.instant(day, milliseconds: (hour * 3_600 + minute * 60 + second) * 1_000)
    }

    static func site(
        _ id: String = "thu", name: String = "Một cửa phường Thử", from: LocalDay? = nil, counters: Int = 1
    ) -> SiteRevision {
        let hours: [Range<Int64>] = [27_000_000..<41_400_000, 46_800_000..<61_200_000]
        let site = Site(
            office: Office(
                id: id, name: LocalizedName(vi: name, en: "Test office"), timezone: "Asia/Ho_Chi_Minh", clock: clock),
            hours: WeeklyHours([.mon: hours, .tue: hours, .wed: hours, .thu: hours, .fri: hours]),
            services: [Service(id: "ho-tich", name: LocalizedName(vi: "Hộ tịch", en: "Civil status"))],
            counters: (1...counters).map {
                Counter(id: "q\($0)", services: ["ho-tich"], cameras: ["cam-q\($0)"], meetings: ["vc"])
            },
            devices: [
                Device(id: "kiosk", profile: "generic/syslog-kiosk", address: "192.168.10.20", ticketSystem: "main"),
                Device(
                    id: "cam-q1", profile: "onvif/generic", address: "192.168.10.31",
                    zones: [Device.Zone(name: "staff", token: "rule-1")]),
                Device(id: "vc", profile: "sip/generic", address: "192.168.10.40"),
            ])
        let source = Array("office: { id: \(id), name: \(name), counters: \(counters) }\n".utf8)
        return SiteRevision(
            site: site, validFrom: from ?? LocalDay(number: day.number - 300), source: source, digest: sha256(source))
    }

    static func event(
        _ kind: EventKind, at: Instant, device: String = "kiosk", counter: String? = nil, office: String = "thu",
        position: UInt64 = 0
    ) -> DomainEvent {
        DomainEvent(
            feed: "file:0", device: device, office: office, counter: counter, kind: kind, observed: at, at: at,
            provenance: Provenance(position: position))
    }

    /// Three visits, worked out by hand in `OfficeDaysTests`.
    static let events: [DomainEvent] = [
        event(
            .ticketIssued(number: "A001", service: "ho-tich", channel: "kiosk", priority: 0), at: at(7, 20)),
        event(.ticketCalled(number: "A001"), at: at(7, 31), counter: "q1"),
        event(.ticketServing(number: "A001"), at: at(7, 31, 30), counter: "q1"),
        event(
            .ticketIssued(number: "A002", service: "ho-tich", channel: "kiosk", priority: 0), at: at(7, 35)),
        event(.cameraPresence(zone: "staff", count: 0), at: at(7, 39), device: "cam-q1", counter: "q1"),
        event(.ticketServed(number: "A001", quantity: 1, outcome: "done"), at: at(7, 40), counter: "q1"),
        event(.ticketCalled(number: "A002"), at: at(7, 42), counter: "q1"),
        event(.ticketNoShow(number: "A002"), at: at(7, 43), counter: "q1"),
        event(
            .ticketIssued(number: "A003", service: "ho-tich", channel: "kiosk", priority: 0), at: at(8, 0)),
        event(.ticketLeft(number: "A003"), at: at(8, 4)),
    ]

    /// A sender that holds the site file and the handmade day.
    static func sender(_ agent: String = "pc-1", epoch: UInt64 = 1) throws -> Sender {
        var sender = Sender(agent, epoch: epoch)
        try sender.add(.site(office: "thu", site()))
        for event in events { try sender.add(.event(event)) }
        return sender
    }

    /// Many small events, for tests that only count.
    static func crowd(_ count: Int, agent: String = "pc-1", epoch: UInt64 = 1) throws -> Sender {
        var sender = Sender(agent, epoch: epoch)
        for index in 0..<count {
            try sender.add(
                .event(
                    event(
                        .ticketIssued(number: "B\(index)", service: "ho-tich", channel: nil, priority: nil),
                        at: at(8, 0) + Int64(index) * 250, position: UInt64(index))))
        }
        return sender
    }
}

/// A collector without a socket.
struct Bench: Sendable {
    let scratch: Scratch
    let server: CollectorServer
    var store: Store { server.store }
    var days: OfficeDays { server.days }

    init(_ scratch: Scratch? = nil, limits: IngestLimits = IngestLimits(), now: Instant = Fixture.now) throws {
        self.scratch = try scratch ?? Scratch()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        server = CollectorServer(
            store: try Store.serving(directory: self.scratch.path), limits: limits, logger: logger, now: { now })
    }

    @discardableResult
    func send(_ batch: Batch) async throws -> Receipt { try await server.ingest.accept(batch.encoded()) }

    /// Everything that was stored, in a form that can be compared.
    func contents() async throws -> [String] {
        try await store.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT s.agent || ' ' || hex(s.epoch) || ' ' || r.sequence || ' ' || hex(r.bytes) FROM records r
                    JOIN spools s ON s.id = r.spool ORDER BY 1
                    """)
        }
    }
}

/// SplitMix64: the same numbers in every run.
struct Dice: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
