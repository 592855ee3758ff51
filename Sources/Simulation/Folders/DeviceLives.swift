internal import Domain

/// The lives that a device tells of: each a row of steps in an order that makes sense.
struct DeviceLives {
    /// One event of a life, before it is known when and in which words.
    struct Step {
        var event: String
        var on: Bool?
        /// It is about something behind the device.
        var isBehind = false
        var told = Told()

        func fits(_ utterance: DeviceSpeech.Utterance) -> Bool {
            guard utterance.event == event, isBehind == (utterance.device != nil) else { return false }
            guard let on, let constant = utterance.constants.first(where: { $0.key == "on" }) else { return true }
            return constant.text.parts == [.literal(on ? "true" : "false")]
        }

        /// Ways of telling the same take turns.
        var turnKey: String { event + (on.map { "\($0)" } ?? "") + (told.words["behind"] ?? "") }
    }

    private(set) var lives: [[Step]] = []
    private let speech: DeviceSpeech
    private let offered: Set<String>
    private var key: UInt64 = 1_000

    private static let ticketLives = [
        ["issued", "called", "serving", "served"],
        ["issued", "called", "recalled", "serving", "held", "resumed", "served"],
        ["issued", "called", "recalled", "noShow"],
        ["issued", "called", "serving", "transferred", "called", "serving", "served"],
        ["issued", "left"],
    ]
    private static let states = [
        "camera.motion", "camera.recording", "camera.storageFault", "camera.tamper", "camera.video", "device.reachable",
    ]

    init(_ speech: DeviceSpeech, chance: inout Chance) {
        self.speech = speech
        offered = Set(speech.utterances.map(\.event))
        tickets(&chance)
        for state in Self.states { self.state(state) }
        for counter in speech.counters.prefix(2) {
            add(
                ["counter.opened", "counter.paused", "counter.opened", "counter.closed"].map { event in
                    var step = Step(event: event)
                    step.told.words["counter"] = counter
                    return step
                })
        }
        for zone in speech.zones { for target in targets("camera.presence") { presence(zone.token, target) } }
        for service in speech.services {
            add(
                (0..<4).map { _ in
                    var step = Step(event: "queue.snapshot")
                    step.told.words["service"] = service
                    step.told.words["number"] = speech.number
                    return step
                })
        }
        for event in ["feedback.rated", "device.rebooted", "device.accessDenied"] {
            for target in targets(event) {
                add(
                    (0..<ways(event, atLeast: 3)).map { index in
                        var step = subject(event, target)
                        step.told.words["counter"] = speech.counters[index % max(1, speech.counters.count)]
                        return step
                    })
            }
        }
        keyed(["meeting.started", "meeting.participants", "meeting.quality", "meeting.ended"], count: ways("meeting."))
        keyed(["dossier.received", "dossier.supplemented", "dossier.returned"], count: ways("dossier."))
    }

    /// Enough rounds that every way of telling has its turn.
    private func ways(_ prefix: String, atLeast least: Int = 4) -> Int {
        var counts: [String: Int] = [:]
        for utterance in speech.utterances where utterance.event.hasPrefix(prefix) {
            counts[utterance.event, default: 0] += 1
        }
        return max(least, counts.values.max() ?? 0)
    }

    private mutating func add(_ steps: [Step]) {
        let told = steps.filter { step in speech.utterances.contains { step.fits($0) } }
        if !told.isEmpty { lives.append(told) }
    }

    /// The device itself, and what is behind it, as far as the event is told of them.
    private func targets(_ event: String) -> [String?] {
        var out: [String?] = []
        if speech.utterances.contains(where: { $0.event == event && $0.device == nil }) { out.append(nil) }
        if speech.utterances.contains(where: { $0.event == event && $0.device != nil }) {
            out += speech.behind.map(Optional.some)
        }
        return out
    }

    private func subject(_ event: String, _ target: String?) -> Step {
        var step = Step(event: event, isBehind: target != nil)
        // `channel 3` is told by its number.
        step.told.words["behind"] = target.map { String($0.split(separator: " ").last ?? "") }
        return step
    }

    private mutating func tickets(_ chance: inout Chance) {
        let rounds = ways("ticket.", atLeast: 2)
        var number = speech.number
        for _ in 0..<rounds {
            for life in Self.ticketLives {
                key += 1
                var counter = chance.pick(speech.counters)
                let service = chance.pick(speech.services)
                var steps: [Step] = []
                for word in life {
                    var step = Step(event: "ticket." + word)
                    step.told.key = key
                    step.told.words["number"] = number
                    step.told.words["service"] = service
                    step.told.words["counter"] = counter
                    if word == "transferred" {
                        let next = chance.pick(speech.counters)
                        step.told.words["toCounter"] = next
                        step.told.words["toService"] = chance.pick(speech.services)
                        counter = next
                    }
                    steps.append(step)
                }
                add(steps)
                number = Self.next(number)
            }
        }
    }

    /// `A009` is followed by `A010`.
    static func next(_ number: String) -> String {
        let digits = String(number.reversed().prefix { $0.isNumber }.reversed())
        let head = number.dropLast(digits.count)
        let value = String((Int(digits) ?? 0) + 1)
        return head + String(repeating: "0", count: max(0, digits.count - value.count)) + value
    }

    private mutating func state(_ event: String) {
        for target in targets(event) {
            var first = subject(event, target)
            // Pictures and recordings are there until somebody says otherwise.
            first.on = !["camera.video", "camera.recording"].contains(event)
            var second = first
            second.on = first.on == false
            // Of what may end by itself each way has two turns: one for that, one for an end that is told.
            let ways = speech.utterances.filter { first.fits($0) }
            let turns = ways.contains { $0.expires != nil } ? 2 * ways.count : ways.count
            let count = max(2, turns, speech.utterances.count { second.fits($0) })
            let both = (0..<count).flatMap { _ in [first, second] }
            if speech.utterances.contains(where: { first.fits($0) && $0.expires != nil }) {
                add(both)
            } else if speech.utterances.contains(where: { second.fits($0) }) {
                add(speech.utterances.contains(where: { first.fits($0) }) ? both : [second])
            } else {
                add([first])
            }
        }
    }

    private mutating func presence(_ zone: String, _ target: String?) {
        add(
            (0..<4).map { _ in
                var step = subject("camera.presence", target)
                step.told.words["zone"] = zone
                return step
            })
    }

    /// Calls and dossiers: each with a key of its own.
    private mutating func keyed(_ events: [String], count: Int) {
        for _ in 0..<count {
            key += 1
            let due = Instant(milliseconds: 1_794_300_000_000 + Int64(key) * 60_000)
            add(
                events.map { event in
                    var step = Step(event: event)
                    step.told.key = key
                    step.told.words["code"] = "H\(key)"
                    step.told.words["service"] = speech.services[Int(key) % max(1, speech.services.count)]
                    step.told.times["due"] = due
                    step.told.times["finished"] = due - 3_600_000
                    return step
                })
        }
    }
}
