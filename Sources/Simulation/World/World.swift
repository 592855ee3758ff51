public import Domain

/// One office-day as it happened: a pure function of (scenario, seed, day, window).
public struct World: Sendable {
    /// A device without power: nothing is heard of it.
    public struct Silence: Hashable, Sendable {
        public var device: String
        public var from: Instant
        public var until: Instant
    }

    /// A call of a meeting endpoint; those that nobody answered have no utterance.
    public struct Call: Hashable, Sendable {
        public var id: String
        public var device: String
        /// The endpoint called, or was called.
        public var isOutgoing: Bool
        public var from: Instant
        /// `nil`: never ended as far as anybody heard.
        public var until: Instant?
        public var isAnswered: Bool
    }

    public var scenario: Scenario
    public var seed: UInt64
    public var day: LocalDay
    /// What a listener hears of the day.
    public var window: Range<Instant>
    /// In order of time.
    public var utterances: [Utterance]
    public var silences: [Silence]
    public var calls: [Call]

    /// The whole day, heard from before the first arrival until after the last clerk has gone.
    public static func day(_ scenario: Scenario, seed: UInt64, day: LocalDay) -> World {
        let clock = scenario.site.office.clock
        let hours = scenario.site.hours(on: day)
        let opens = hours.first?.lowerBound ?? 8 * 3_600_000
        let closes = hours.last?.upperBound ?? 17 * 3_600_000
        let first = min(opens, scenario.arrivals.profile.first?.from ?? opens)
        let from = max(0, first - 1_500_000)
        let until = min(86_400_000 - 1_000, closes + 3_000_000 + scenario.clerks.stayUpTo)
        return live(
            scenario, seed: seed,
            window: clock.instant(day, milliseconds: from)..<clock.instant(day, milliseconds: until),
            endsClean: false)
    }

    /// Any window of a day. `endsClean`: whoever is still in the office shortly before the window ends leaves then, so
    /// that nothing of it is undecided.
    public static func live(_ scenario: Scenario, seed: UInt64, window: Range<Instant>, endsClean: Bool) -> World {
        let run = OfficeRun(scenario, seed: seed, window: window, endsClean: endsClean)
        run.run()
        return World(
            scenario: scenario, seed: seed, day: scenario.site.office.clock.day(of: window.lowerBound), window: window,
            utterances: run.utterances, silences: run.silences, calls: run.calls)
    }
}
