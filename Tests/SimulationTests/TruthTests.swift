import Domain
import Testing

@testable import Simulation

/// The oracle on days small enough to do in one's head.
@Suite struct TruthTests {
    static let day = LocalDay(number: 20_767)
    static let clock = OfficeClock(offsetSeconds: 7 * 3_600)

    /// Seconds after eight o'clock.
    private static func at(_ seconds: Int64) -> Instant {
        clock.instant(day, milliseconds: 8 * 3_600_000 + seconds * 1_000)
    }

    private static func site(_ finish: Office.Finish = .explicit) -> Site {
        Site(
            office: Office(
                id: "o", name: LocalizedName(vi: "o", en: "o"), timezone: "Asia/Ho_Chi_Minh", clock: clock,
                finish: finish),
            hours: WeeklyHours([.tue: [8 * 3_600_000..<9 * 3_600_000]]),
            services: [Service(id: "s", name: LocalizedName(vi: "s", en: "s"), maxServiceMilliseconds: 600_000)],
            counters: [Counter(id: "q1", services: ["s"], cameras: ["cam"], meetings: ["vc"])],
            devices: [
                Device(id: "kiosk", profile: "generic/syslog-kiosk", address: "10.0.0.1", ticketSystem: "main"),
                Device(id: "cam", profile: "onvif/generic", address: "10.0.0.2"),
                Device(id: "vc", profile: "sip/generic", address: "10.0.0.3"),
            ])
    }

    private static func ticket(
        _ seconds: Int64, _ kind: String, _ number: String, counter: String? = "q1", service: String? = nil
    ) -> TruthEvent {
        var payload: [String: TruthEvent.Value] = ["number": .text(number)]
        payload["service"] = service.map(TruthEvent.Value.text)
        return TruthEvent(
            at: at(seconds), device: "kiosk", counter: kind == "issued" || kind == "left" ? nil : counter,
            kind: "ticket." + kind, payload: payload)
    }

    private static func presence(_ seconds: Int64, _ count: Int64) -> TruthEvent {
        TruthEvent(
            at: at(seconds), device: "cam", counter: "q1", kind: "camera.presence",
            payload: ["zone": .text("staff"), "count": .integer(count)])
    }

    private static func truth(_ events: [TruthEvent], _ finish: Office.Finish = .explicit) -> Truth {
        // Every device with a word to say is heard all along.
        var heard: [String: [Int64]] = [:]
        for device in ["cam", "vc"] where events.contains(where: { $0.device == device }) {
            heard[device] = stride(from: Int64(-60), through: 7_200, by: 60).map { at($0).milliseconds }
        }
        return Truth(site: site(finish), day: day, events: events.sorted { $0.at < $1.at }, evidence: heard)
    }

    @Test func `a wait is charged to what held at each moment`() throws {
        let truth = Self.truth([
            Self.ticket(-100, "issued", "A1", service: "s"),  // 100 s before the doors open: closed
            Self.presence(30, 0),  // until then unseen: 30 s
            Self.presence(50, 1),  // empty: 20 s unattended
            Self.ticket(60, "called", "A1"),  // present: 10 s idle
            Self.ticket(70, "serving", "A1"),
            Self.ticket(80, "issued", "A2", service: "s"),
            Self.ticket(130, "served", "A1"),  // capacity: 50 s
            Self.ticket(135, "called", "A2"),  // idle: 5 s
            Self.ticket(140, "serving", "A2"),
            Self.ticket(200, "served", "A2"),
        ])
        let (first, second) = (truth.visits[0], truth.visits[1])
        #expect(first.causes == [.closed: 100_000, .unseen: 30_000, .unattended: 20_000, .idle: 10_000])
        #expect(second.causes == [.capacity: 50_000, .idle: 5_000])
        #expect(second.milliseconds(in: .called) == 5_000)
        #expect(second.milliseconds(in: .serving) == 60_000)
        #expect(truth.summary.waitMilliseconds == 215_000)
    }

    @Test func `a meeting explains an empty counter, not a manned one`() {
        func call(_ seconds: Int64, _ kind: String) -> TruthEvent {
            TruthEvent(
                at: Self.at(seconds), device: "vc", counter: "q1", kind: kind, payload: ["id": .text("x")])
        }
        let truth = Self.truth([
            Self.presence(0, 1), Self.ticket(1, "issued", "A1", service: "s"), call(10, "meeting.started"),
            Self.presence(20, 0), call(50, "meeting.ended"), Self.ticket(60, "left", "A1"),
        ])
        #expect(truth.visits[0].causes == [.idle: 19_000, .meeting: 30_000, .unattended: 10_000])
        #expect(truth.visits[0].outcome == "left")
    }

    @Test func `a camera that fell silent knows nothing after eleven minutes`() {
        let events = [
            Self.presence(0, 1), Self.ticket(1, "issued", "A1", service: "s"), Self.ticket(1_000, "left", "A1"),
        ]
        let truth = Truth(site: Self.site(), day: Self.day, events: events, evidence: [:])
        #expect(truth.visits[0].causes == [.idle: 659_000, .unseen: 340_000])
    }

    @Test func `a forgotten ticket and the next one overlap`() {
        let truth = Self.truth([
            Self.ticket(0, "issued", "A1", service: "s"), Self.ticket(1, "called", "A1"),
            Self.ticket(2, "serving", "A1"),
            Self.ticket(3, "issued", "A2", service: "s"), Self.ticket(100, "called", "A2"),
            Self.ticket(105, "served", "A2"),
        ])
        #expect(truth.visits[0].flags == ["overlap", "suspect", "maxService"])
        #expect(truth.visits[0].outcome == "open")
        #expect(truth.visits[1].flags == ["overlap", "suspect", "inferredStart"])
        // Open until the last scheduled closing.
        #expect(truth.visits[0].milliseconds(in: .serving) == 3_598_000)
    }

    @Test func `the next call ends a service where nobody says served`() {
        let truth = Self.truth(
            [
                Self.ticket(0, "called", "A1"), Self.ticket(60, "called", "A2"), Self.ticket(90, "serving", "A2"),
            ], .onNextCall)
        #expect(truth.visits[0].flags == ["missingIssue", "inferredStart", "inferredFinish"])
        #expect(truth.visits[0].finished == Self.at(60).milliseconds)
        #expect(truth.visits[1].outcome == "served")
        #expect(truth.visits[1].finished == nil)
        #expect(truth.visits[1].milliseconds(in: .serving) == 3_510_000)
    }

    @Test func `a number given out again begins a new visit`() {
        let truth = Self.truth([
            Self.ticket(0, "issued", "A-1", service: "s"), Self.ticket(10, "issued", "a 1", service: "s"),
            Self.ticket(20, "called", "A1"), Self.ticket(30, "noShow", "A1"), Self.ticket(40, "called", "A1"),
            Self.ticket(45, "served", "A1"), Self.ticket(46, "held", "A1"),
        ])
        #expect(truth.visits.map(\.ordinal) == [1, 2])
        #expect(truth.visits[0].flags == ["reissued"])
        #expect(truth.visits[0].milliseconds(in: .waiting) == 10_000)
        #expect(truth.visits[1].flags == ["revived", "inferredStart", "unexpected", "suspect"])
        // The time as a no-show counts nowhere.
        #expect(truth.visits[1].milliseconds(in: .called) == 10_000)
        #expect(truth.visits[1].milliseconds(in: .serving) == 5_000)
    }
}
