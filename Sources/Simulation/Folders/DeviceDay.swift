internal import Domain

/// What happens at one device on one morning, from a seed: every event that its speech can tell, in lives that make sense
/// (a ticket is issued before it is called), woven into each other.
struct DeviceDay {
    /// An utterance at its moment.
    struct Act {
        var at: Instant
        /// Its place in `DeviceSpeech.utterances`.
        var utterance: Int
        var told: Told
    }

    static let device = "d1"
    static let clock = OfficeClock(offsetSeconds: 7 * 3_600)

    private(set) var acts: [Act] = []
    /// In the order of time.
    private(set) var events: [TruthEvent] = []
    /// After everything that ends by itself.
    private(set) var end: Instant
    let site: Site

    private let speech: DeviceSpeech
    private var chance: Chance
    private var now: Instant
    private var told: UInt64 = 0
    /// How often each way of telling was chosen, by event.
    private var turns: [String: Int] = [:]
    private var lastCount: [String: Int64] = [:]

    init(_ speech: DeviceSpeech, profile: String, seed: UInt64) {
        self.speech = speech
        chance = Chance(seed: seed, purpose: profile)
        let day = LocalDay(year: 2026, month: 11, day: 10) ?? LocalDay(number: 0)
        now = Self.clock.instant(day, milliseconds: 7 * 3_600_000 + 30 * 60_000)
        end = now
        site = Self.site(speech, profile: profile)
        var lives = DeviceLives(speech, chance: &chance).lives
        while !lives.isEmpty {
            let index = chance.integer(in: 0...lives.count - 1)
            let step = lives[index].removeFirst()
            let isOver = lives[index].isEmpty
            tell(step, following: isOver ? nil : lives[index].first) { lives[index].removeFirst() }
            if lives[index].isEmpty { lives.remove(at: index) }
        }
        events.sort { $0.at < $1.at }
        end = max(end, now) + 2_000
    }

    private static func site(_ speech: DeviceSpeech, profile: String) -> Site {
        func name(_ text: String) -> LocalizedName { LocalizedName(vi: text, en: text) }
        let services = speech.services.indices.map { Service(id: "s\($0 + 1)", name: name(speech.services[$0])) }
        var aliases = speech.services.indices.map { Device.Alias(said: speech.services[$0], meant: "s\($0 + 1)") }
        aliases += speech.counters.indices.map { Device.Alias(said: speech.counters[$0], meant: "q\($0 + 1)") }
        aliases += speech.behind.indices.map { Device.Alias(said: speech.behind[$0], meant: "c\($0 + 1)") }
        let zones = speech.zones.map { Device.Zone(name: $0.name, token: $0.token) }
        var devices = [Device(id: device, profile: profile, address: speech.address, zones: zones, aliases: aliases)]
        devices += speech.behind.indices.map {
            Device(id: "c\($0 + 1)", profile: "generic/channel", address: "behind:\(device)", zones: zones)
        }
        let hours = WeeklyHours(
            Dictionary(uniqueKeysWithValues: Weekday.allCases.map { ($0, [7 * 3_600_000..<18 * 3_600_000]) }))
        return Site(
            office: Office(id: "office", name: name("Office"), timezone: "Asia/Ho_Chi_Minh", clock: clock),
            hours: hours,
            services: services,
            counters: speech.counters.indices.map { Counter(id: "q\($0 + 1)", services: services.map(\.id)) },
            devices: devices)
    }

    // MARK: Telling

    private mutating func tell(_ step: DeviceLives.Step, following: DeviceLives.Step?, skip: () -> Void) {
        pause()
        let ways = speech.utterances.indices.filter { step.fits(speech.utterances[$0]) }
        guard !ways.isEmpty else { return }
        let turn = turns[step.turnKey, default: 0]
        let way = ways[turn % ways.count]
        turns[step.turnKey] = turn + 1
        say(step, way)
        guard let expires = speech.utterances[way].expires, step.on != nil else { return }
        let offs = speech.utterances.indices.filter { following?.fits(speech.utterances[$0]) == true }
        let isEnd = following?.on == step.on.map { !$0 }
        let isNew = offs.count == ways.count && !acts.contains { $0.utterance == offs[turn % ways.count] }
        if let following, isEnd, offs.count == ways.count, isNew || chance.happens(0.5) {
            // Its end is told before it would come by itself; each way of telling that at least once.
            let start = now
            now = start + min(expires / 2, chance.integer(in: 1_000...4_000 as ClosedRange<Int64>))
            say(following, offs[turn % ways.count])
            turns[following.turnKey] = turns[following.turnKey, default: 0] + 1
            skip()
        } else {
            var over = events[events.count - 1]
            over.at = over.at + expires
            over.payload["on"] = .boolean(step.on == false)
            events.append(over)
            end = max(end, over.at)
            if isEnd { skip() }
            // Nothing else is told of it meanwhile.
            now = over.at
        }
    }

    private mutating func pause() {
        let gap = chance.integer(in: 6_000...40_000 as ClosedRange<Int64>)
        let rounded = (now.milliseconds + gap + speech.resolution - 1) / speech.resolution * speech.resolution
        now = Instant(milliseconds: rounded)
    }

    private mutating func say(_ step: DeviceLives.Step, _ way: Int) {
        let utterance = speech.utterances[way]
        if let first = utterance.messages.map(\.after).min(), first < 0 { now = now - first }
        told += 1
        var told = step.told
        told.on = step.on
        told.times["time"] = now
        told.words["n"] = String(self.told)
        fill(&told, step)
        acts.append(Act(at: now, utterance: way, told: told))
        events.append(event(utterance, told))
        if let last = utterance.messages.map(\.after).max(), last > 0 { now = now + last }
        end = max(end, now)
    }

    /// What differs from one telling to the next.
    private mutating func fill(_ told: inout Told, _ step: DeviceLives.Step) {
        func number(_ range: ClosedRange<Int64>) -> String { String(chance.integer(in: range)) }
        told.words["priority"] = number(0...3)
        told.words["quantity"] = number(1...4)
        told.words["score"] = number(1...5)
        told.words["scale"] = "5"
        told.words["openCounters"] = number(1...4)
        told.words["nowServing"] = told.words["number"] ?? speech.number
        told.words["jitterMilliseconds"] = number(1...60)
        told.words["lossPercent"] = number(0...9)
        told.words["mos"] = ["3.5", "4.25", "2.75"][chance.integer(in: 0...2)]
        told.words["outcome"] = told.words["outcome"] ?? "done"
        told.words["channel"] = told.words["channel"] ?? "kiosk"
        told.words["reason"] = "lunch"
        told.words["cause"] = "bye"
        let series = step.event + (told.words["zone"] ?? "") + (told.words["behind"] ?? "")
        var count = chance.integer(in: 0...9 as ClosedRange<Int64>)
        if count == lastCount[series] { count += 1 }
        lastCount[series] = count
        told.words["count"] = String(count)
        told.words["waiting"] = String(count)
    }

    // MARK: Truth

    private static let integers: Set<String> = [
        "count", "openCounters", "priority", "quantity", "scale", "score", "waiting",
    ]
    private static let decimals: Set<String> = ["jitterMilliseconds", "lossPercent", "mos"]

    private func event(_ utterance: DeviceSpeech.Utterance, _ told: Told) -> TruthEvent {
        let holes = utterance.holes
        var payload: [String: TruthEvent.Value] = [:]
        for entry in EventKind.catalogue.first(where: { $0.name == utterance.event })?.keys ?? [] {
            let isNeeded = !entry.hasSuffix("?")
            let key = isNeeded ? entry : String(entry.dropLast())
            let constant = utterance.constants.first { $0.key == key }?.text.text(told, clock: Self.clock)
            guard isNeeded || constant != nil || holes.contains(key) else { continue }
            payload[key] = value(key, constant, told)
        }
        let said = utterance.constants.first { $0.key == "counter" }?.text.text(told, clock: Self.clock)
        let counter = said ?? (holes.contains("counter") ? told.words["counter"] : nil)
        let behind = utterance.device.flatMap { speech.behind.firstIndex(of: $0.text(told, clock: Self.clock)) }
        return TruthEvent(
            at: now, device: behind.map { "c\($0 + 1)" } ?? Self.device,
            counter: counter.map { meant($0, speech.counters, "q") }, kind: utterance.event, payload: payload)
    }

    private func value(_ key: String, _ constant: String?, _ told: Told) -> TruthEvent.Value {
        if constant == nil, let time = told.times[key] { return .instant(time) }
        if key == "on" { return .boolean(told.on ?? true) }
        var text = constant ?? told.words[key] ?? String(told.key)
        if text.hasPrefix("hash:") { text = FNV1a.text(text.dropFirst(5).utf8) }
        switch key {
        case "service", "toService": return .text(meant(text, speech.services, "s"))
        case "toCounter": return .text(meant(text, speech.counters, "q"))
        case "zone":
            guard constant == nil else { return .text(text) }
            return .text(speech.zones.first { $0.token == text }?.name ?? text)
        case _ where Self.integers.contains(key): return .integer(Int64(text) ?? 0)
        case _ where Self.decimals.contains(key): return .decimal(Double(text) ?? 0)
        default: return .text(text)
        }
    }

    private func meant(_ said: String, _ words: [String], _ letter: String) -> String {
        words.firstIndex(of: said).map { "\(letter)\($0 + 1)" } ?? said
    }
}
