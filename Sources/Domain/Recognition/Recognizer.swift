public import Wire

/// A profile compiled for one device of a site: its messages become observations.
///
/// The order of work keeps unwanted messages cheap: first the protocol, then equality of the message's own fields
/// (compared in place), then the rest of them; a body is taken apart only when a rule could still match, and once.
public struct Recognizer: Sendable {
    public let profile: DeviceProfile
    let program: ProfileProgram
    private let zones: [String: String]
    private let aliases: [String: String]
    let clock: OfficeClock

    /// Throws the first thing that is wrong with the profile; `DeviceProfile.problems` tells all of them.
    public init(_ profile: DeviceProfile, device: Device, clock: OfficeClock) throws(ProfileError) {
        let (program, problems) = ProfileProgram.compile(profile)
        if let problem = problems.first { throw problem }
        self.init(profile, program, device: device, clock: clock)
    }

    private init(_ profile: DeviceProfile, _ program: ProfileProgram, device: Device, clock: OfficeClock) {
        self.profile = profile
        self.program = program
        self.clock = clock
        zones = Dictionary(device.zones.map { ($0.token, $0.name) }, uniquingKeysWith: { first, _ in first })
        aliases = Dictionary(device.aliases.map { ($0.said, $0.meant) }, uniquingKeysWith: { first, _ in first })
    }

    /// The same for another device of that profile, which is not compiled again: a site has many cameras of a make.
    func of(_ device: Device) -> Recognizer { Recognizer(profile, program, device: device, clock: clock) }

    /// The message as its rules see it: with what is inside of the body, if the profile takes it apart.
    public func opened(_ message: Message) -> Message {
        guard message.protocolName == profile.protocolName, let body = profile.body else { return message }
        return BodyFields.add(body, to: message)
    }

    /// Whether any rule is about this protocol.
    public func reads(_ name: ProtocolName) -> Bool { program.plans[name.index] != nil }

    /// What shows that no rule wants a message, before any rule is asked.
    public enum Look: Sendable {
        /// A field or two that are something else.
        case field
        /// None of the words that the rules need is where they need it.
        case words
    }

    /// What turns the message away; `nil`: the rules must read it.
    public func look(at message: Message) -> Look? {
        guard let plan = plan(message.protocolName) else { return .field }
        if plan.whole.find(message) != Dispatch.none { return nil }
        let fields = Dispatch(plan.asked.map { Dispatch.Asked(early: $0.early) })
        return fields.find(message) == Dispatch.none ? .field : .words
    }

    /// The plan of a protocol; `nil` if no rule is about it.
    func plan(_ name: ProtocolName) -> ProfileProgram.Plan? { program.plans[name.index] }

    /// Whose row of a file this is, and when it was observed, as far as the row tells.
    func row(_ message: Message, heard: Instant) -> Row {
        guard let file = program.file else { return Row() }
        let reading = Reading(message: message)
        return Row(
            device: file.device?.text(reading), office: file.office?.text(reading),
            observed: file.observed?.instant(reading, clock: clock, heard: heard))
    }

    /// What a row of a file says of itself.
    struct Row {
        var device: String?
        var office: String?
        var observed: Instant?
    }

    /// `heard` completes times that leave out the year.
    public func recognise(_ message: Message, heard: Instant) -> Recognition {
        var rest = Remains()
        return recognise(message, heard: heard, &rest)
    }

    /// What became of the message, or of the elements of its list together.
    private struct Outcome {
        var observations: [Observation] = []
        var isIgnored = false
        var incomplete: (rule: String, why: Shortcoming)?
        var incompleteRules: UInt64 = 0

        mutating func add(_ other: Self) {
            observations += other.observations
            isIgnored = isIgnored || other.isIgnored
            if incomplete == nil { incomplete = other.incomplete }
            incompleteRules &+= other.incompleteRules
        }

        var recognition: Recognition {
            if !observations.isEmpty { return .matched(observations) }
            if let incomplete { return .incomplete(rule: incomplete.rule, incomplete.why) }
            return isIgnored ? .ignored : .unmapped
        }

        /// What else lacked a value is counted beside what the message gave.
        func told(_ rest: inout Remains) -> Recognition {
            let recognition = recognition
            if case .incomplete = recognition {
                rest.incompleteRules &+= incompleteRules &- 1
            } else {
                rest.incompleteRules &+= incompleteRules
            }
            return recognition
        }
    }

    /// The same with what became of the elements of its list, if it is one.
    public func recognise(_ message: Message, heard: Instant, _ rest: inout Remains) -> Recognition {
        var memory = JoinMemory()
        return recognise(message, heard: heard, &memory, &rest)
    }

    /// - Parameters:
    ///   - isTold: the device is the message's target, not its source.
    ///   - rest: what a message gave nothing for, although it gave something.
    func recognise(
        _ message: Message, heard: Instant, isTold: Bool = false, _ memory: inout JoinMemory, _ rest: inout Remains
    ) -> Recognition {
        guard let plan = program.plans[message.protocolName.index] else { return .unread }
        // Turned away before anything is made of it, unless somebody asks what became of each element.
        let found = plan.whole.find(message)
        if found == Dispatch.none, !plan.isList || rest.elements == nil { return .unmapped }
        var reading = Reading(message: message, captureCount: plan.group.captureCount, values: plan.group.values)
        reading.isTold = isTold
        if !plan.checks.holds(plan.common, message, &reading) { return .unmapped }
        var outcome = Outcome()
        for each in plan.group.each {
            let before = rest.unmappedElements
            let whole = each.body.map { BodyFields.add($0, to: message) } ?? message
            if let elements = Elements.split(whole, at: each.path, leftOut: &rest.unmappedElements) {
                reading.forget()
                for element in elements {
                    var own = Outcome()
                    apply(
                        plan, plan.dispatch.find(element), to: element, each.body, reading, heard: heard, &memory, &own)
                    rest.note(own.recognition)
                    outcome.add(own)
                }
                let recognition = outcome.told(&rest)
                // A message that means nothing is counted itself.
                if case .unmapped = recognition { rest.unmappedElements = before }
                return recognition
            }
        }
        apply(
            plan, plan.isList ? plan.dispatch.find(message) : found, to: message, nil, reading, heard: heard, &memory,
            &outcome)
        return outcome.told(&rest)
    }

    /// - Parameters:
    ///   - found: which rules are left.
    ///   - body: what the message has been taken apart as already.
    private func apply(
        _ plan: ProfileProgram.Plan, _ found: Int, to message: Message, _ body: DeviceProfile.Body?,
        _ start: Reading, heard: Instant, _ memory: inout JoinMemory, _ outcome: inout Outcome
    ) {
        var reading = start
        if body != nil { reading.forget() }
        reading.begin(message)
        var opened = message
        var known = body
        for position in plan.dispatch[found] {
            let gist = plan.gists[Int(position)]
            if let isOfTarget = gist.isOfTarget, isOfTarget != start.isTold { continue }
            reading.isOpened = false
            reading.forgetCaptures()
            if !plan.checks.holds(gist.early, message, &reading) { continue }
            if let body = gist.body {
                if known != body {
                    opened = BodyFields.add(body, to: message)
                    reading.opened = opened
                    known = body
                }
                reading.isOpened = true
                if !plan.checks.holds(gist.late, opened, &reading) { continue }
            }
            // Only what is wanted touches the rule itself.
            let planned = plan.rules[Int(position)]
            if let remember = planned.rule.remember, let key = remember.key.text(reading) {
                memory.remember(
                    remember.values.compactMap { entry in entry.template.text(reading).map { (entry.name, $0) } },
                    for: key, on: day(planned.rule, reading, heard))
            }
            if let join = planned.rule.join, let key = join.key.text(reading) {
                let day = planned.isOfDossier ? nil : day(planned.rule, reading, heard)
                for (name, slot) in join.slots { reading.capture(memory.value(name, for: key, on: day), in: slot) }
            }
            if planned.rule.event == nil {
                outcome.isIgnored = true
            } else {
                do throws(Shortcoming) {
                    let observation = try observation(planned, &reading, heard: heard)
                    if observation.leftOut != nil { outcome.incompleteRules &+= 1 }
                    outcome.observations.append(observation)
                } catch {
                    if outcome.incomplete == nil { outcome.incomplete = (planned.rule.id, error) }
                    outcome.incompleteRules &+= 1
                }
            }
            if !planned.rule.continues { break }
        }
    }

    /// The office day that a message belongs to; of a row, by what it tells itself.
    private func day(_ rule: ProfileProgram.Rule, _ reading: borrowing Reading, _ heard: Instant) -> LocalDay {
        guard profile.protocolName.isOfFiles,
            let told = (rule.observed ?? rule.stamp)?.instant(reading, clock: clock, heard: heard)
        else { return clock.day(of: heard) }
        return clock.day(of: told)
    }

    private func observation(
        _ planned: ProfileProgram.PlannedRule, _ reading: inout Reading, heard: Instant
    ) throws(Shortcoming) -> Observation {
        guard let name = planned.kind else { throw .absent(key: "event") }
        var values: [(key: String, value: EventKind.PayloadValue)] = []
        values.reserveCapacity(planned.rule.payload.count)
        // A priority that is no number would vanish from the event, and nobody would know.
        var wrong: Shortcoming?
        for entry in planned.rule.payload {
            guard var value = entry.template.value(reading, clock: clock, heard: heard) else {
                // What is not there may be left out; a time that cannot be read is there.
                if entry.kind == .moment, let said = entry.template.said(reading) {
                    wrong = wrong ?? .wrong(key: entry.key, said: said)
                }
                continue
            }
            if case .text(let said) = value {
                switch entry.meaning {
                case .plain: break
                case .alias: value = .text(aliases[said] ?? said)
                case .zone: value = .text(zones[said] ?? said)
                }
                if entry.kind != .text {
                    guard let typed = entry.kind.value(of: said) else {
                        wrong = wrong ?? .wrong(key: entry.key, said: said)
                        continue
                    }
                    value = typed
                }
            }
            values.append((entry.key, value))
        }
        let kind = EventKind(name) { key in values.first { $0.key == key }?.value }
        guard let kind else { throw wrong ?? Shortcoming(planned.rule.event ?? "", values) }
        var observation = Observation(kind: kind, rule: planned.rule.id)
        observation.leftOut = wrong
        observation.provenance = RuleName(text: planned.name)
        if let template = planned.rule.counter, let said = template.text(reading) {
            observation.counter = aliases[said] ?? said
        }
        observation.expires = planned.rule.expires
        if let template = planned.rule.device {
            // What it is about is not told, or in a field that is not there: nothing the site knows.
            let said = template.text(reading) ?? ""
            observation.device = aliases[said] ?? said
        }
        observation.stamped = planned.rule.stamp?.instant(reading, clock: clock, heard: heard)
        observation.lacksStamp = planned.rule.stamp != nil && observation.stamped == nil
        if let observed = planned.rule.observed {
            // A moment that the row does not tell is one that did not come yet.
            guard let instant = observed.instant(reading, clock: clock, heard: heard) else { throw .noMoment }
            observation.observed = instant
        }
        if !planned.rule.restated.isEmpty, planned.rule.restated.allSatisfy({ $0.holds(&reading) }) {
            observation.flags.insert(.restated)
        }
        if let pair = planned.rule.pair {
            guard let key = pair.key.text(reading) else { throw .noKey("pair") }
            observation.pair = DeviceProfile.Pair(pair.edge, key: key)
        } else if let once = planned.rule.once {
            guard let key = once.text(reading) else { throw .noKey("once") }
            observation.once = key
        } else if let key = planned.rule.key {
            // What names no detector is said of all of the device.
            observation.part = key.text(reading)
            observation.lacksPart = observation.part == nil
        }
        return observation
    }
}
