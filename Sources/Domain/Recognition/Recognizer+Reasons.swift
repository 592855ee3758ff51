public import Wire

/// Why a message gave nothing, with the fields that were tried: for a person who writes a profile. Nothing of it is done
/// while messages are heard.
extension Recognizer {
    /// A shortcoming of `rule` in words. What a rule joined from earlier messages is not known here any more.
    public func explain(_ shortcoming: Shortcoming, rule id: String, of message: Message, heard: Instant) -> String {
        guard let (rule, values, reading) = reading(id, message) else { return shortcoming.description }
        func lack(_ template: Template?) -> String? {
            template?.lack(reading, rule.captureNames, values: values, clock: clock, heard: heard)
        }
        let why: String?
        switch shortcoming {
        case .absent(let key): why = lack(rule.payload.first { $0.key == key }?.template)
        case .wrong(let key, _):
            let isMoment = EventKind.valueKind(of: key) == .moment
            why = isMoment ? lack(rule.payload.first { $0.key == key }?.template) : nil
        case .noMoment: why = rule.observed.flatMap { self.lack($0, rule, values, reading, heard) }
        case .noTime: why = rule.stamp.flatMap { self.lack($0, rule, values, reading, heard) }
        case .noKey(let word): why = lack(word == "pair" ? rule.pair?.key : rule.once)
        }
        return why.map { shortcoming.start + ": " + $0 } ?? shortcoming.description
    }

    /// Why the device's own time is not known of a message that `rule` takes.
    public func explainStamp(rule id: String, of message: Message, heard: Instant) -> String? {
        guard let (rule, values, reading) = reading(id, message), let stamp = rule.stamp else { return nil }
        return lack(stamp, rule, values, reading, heard)
    }

    /// Why the part is not known that a rule's `key` tells of a message.
    public func explainPart(rule id: String, of message: Message, heard: Instant) -> String? {
        guard let (rule, values, reading) = reading(id, message) else { return nil }
        return rule.key?.lack(reading, rule.captureNames, values: values, clock: clock, heard: heard)
    }

    /// What a rule that took the message does without, in words: the counter it happened at, the key of what it remembers.
    public func omissions(rule id: String, of message: Message, heard: Instant) -> [String] {
        guard let (rule, values, reading) = reading(id, message) else { return [] }
        var out: [String] = []
        let counter = EventKind.happensAtCounter(rule.event ?? "") ? rule.counter : nil
        for (template, what) in [(counter, "no counter"), (rule.remember?.key, "nothing is remembered")] {
            guard let template, template.text(reading) == nil else { continue }
            let why = template.lack(reading, rule.captureNames, values: values, clock: clock, heard: heard)
            // What is joined from earlier messages is not known here.
            if template.references.contains(where: { $0.name(rule.captureNames).hasPrefix("joined.") }) { continue }
            out.append("rule '\(id)': \(what)" + (why.map { ": " + $0 } ?? ""))
        }
        return out
    }

    /// The elements of a message whose profile reads a list's one by one, and the list's path; `nil`: it is read as one.
    public func list(of message: Message) -> (path: String, elements: [Message])? {
        guard message.protocolName == profile.protocolName else { return nil }
        for each in program.plans[message.protocolName.index]?.group.each ?? [] {
            var leftOut: UInt64 = 0
            let whole = each.body.map { BodyFields.add($0, to: message) } ?? message
            if let elements = Elements.split(whole, at: each.path, leftOut: &leftOut) { return (each.path, elements) }
        }
        return nil
    }

    /// The names of the message's fields, of what is inside of its body too, whichever of the rules takes it apart.
    public func names(of message: Message) -> Set<String> {
        var bodies: [DeviceProfile.Body] = []
        if message.protocolName == profile.protocolName, let body = profile.body { bodies.append(body) }
        for rule in profile.rules where (rule.protocolName ?? profile.protocolName) == message.protocolName {
            if let body = rule.body, !bodies.contains(body) { bodies.append(body) }
        }
        var names = Set(message.fields.map(\.name.rawValue))
        for body in bodies { names.formUnion(BodyFields.add(body, to: message).fields.map(\.name.rawValue)) }
        return names
    }

    /// The rule, the values its names stand for, and the message as it sees it, with what its patterns take.
    private func reading(_ id: String, _ message: Message) -> (ProfileProgram.Rule, [Template], Reading)? {
        guard let group = program.plans[message.protocolName.index]?.group,
            let rule = group.rules.first(where: { $0.id == id })
        else { return nil }
        var reading = Reading(
            message: rule.body.map { BodyFields.add($0, to: message) } ?? message,
            captureCount: group.captureCount, values: group.values)
        for check in group.common + rule.early + rule.late { _ = check.holds(&reading) }
        return (rule, group.values, reading)
    }

    private func lack(
        _ stamp: ProfileProgram.Stamp, _ rule: ProfileProgram.Rule, _ values: [Template], _ reading: borrowing Reading,
        _ heard: Instant
    ) -> String? {
        let text: String?
        switch stamp.place {
        case .reference(let reference):
            text = reading.text(reference)
            if text == nil { return "there is no " + reference.name(rule.captureNames) }
        case .template(let template):
            text = template.text(reading)
            if text == nil {
                return template.lack(reading, rule.captureNames, values: values, clock: clock, heard: heard)
            }
        }
        guard let text, stamp.format.instant(of: text, clock: clock, heard: heard) == nil else { return nil }
        return "'\(Words.shown(text))' is not written as \(stamp.format.name)"
    }
}

extension EventKind {
    /// Whether an event of that name without a counter lacks something: tickets are issued, and left, anywhere.
    fileprivate static func happensAtCounter(_ name: String) -> Bool {
        if name == "ticket.issued" || name == "ticket.left" { return false }
        return name.hasPrefix("ticket.") || name.hasPrefix("counter.") || name == "feedback.rated"
    }
}

extension Reference {
    /// As a profile writes it.
    func name(_ captures: [String]) -> String {
        switch self {
        case .field(let name): name.rawValue
        case .below(let prefix): String(decoding: prefix, as: UTF8.self) + "*"
        case .captured(let slot): slot < captures.count ? captures[slot] : ""
        case .named: "value"
        }
    }
}

extension Template {
    /// The first of its values that is not there, and why; `nil`: all are.
    func lack(
        _ reading: borrowing Reading, _ captures: [String], values: [Template], clock: OfficeClock, heard: Instant
    ) -> String? {
        for piece in pieces {
            guard case .value(let references, let filters) = piece else { continue }
            guard let raw = reading.first(references) else {
                if references.count == 1, case .named(let index)? = references.first, index < values.count {
                    return values[index].lack(reading, captures, values: values, clock: clock, heard: heard)
                }
                let empty = references.first { reading.text($0) != nil }
                if let empty { return "\(empty.name(captures)) is empty" }
                let names = references.flatMap { reference -> [String] in
                    guard case .named(let index) = reference, index < values.count else {
                        return [reference.name(captures)]
                    }
                    return values[index].references.map { $0.name(captures) }
                }
                if names.count == 1, names[0].hasPrefix("joined.") { return "nothing is remembered for \(names[0])" }
                let more = names.count > 4 ? " and none of \(names.count - 4) others" : ""
                return "there is no " + names.prefix(4).joined(separator: ", no ") + more
            }
            var text = raw
            for filter in filters {
                if case .time(let format) = filter {
                    if format.instant(of: text, clock: clock, heard: heard) == nil {
                        return "'\(Words.shown(text))' is not written as \(format.name)"
                    }
                } else if let next = Self.apply(CollectionOfOne(filter), text) {
                    text = next
                } else {
                    return filter.refusal(of: text)
                }
            }
        }
        return nil
    }
}

extension Template.Filter {
    fileprivate func refusal(of text: String) -> String {
        let said = "'\(Words.shown(text))'"
        switch self {
        case .map(let map):
            let known = map.entries.map(\.key)
            let more = known.count > 12 ? ", … (\(known.count) in all)" : ""
            return "\(said) is not in map '\(map.name)'; there: \(known.prefix(12).joined(separator: ", "))\(more)"
        case .not: return "\(said) is not true, false, 1 or 0, and has no opposite"
        case .add: return "\(said) is no whole number to add to"
        case .hash, .upper, .lower, .kebab, .time: return "\(said) gives nothing"
        }
    }
}
