public import Wire

/// Which rules take a message: for a person who writes a profile. Every condition is asked as it is written, which is
/// another way than the one that messages go while they are heard.
extension Recognizer {
    /// The ids of the rules that take it, or elements of its list, one after another; those too that mean nothing.
    ///
    /// - Parameter isTold: the device is the message's target, not its source.
    public func takers(of message: Message, isTold: Bool) -> [String] {
        guard let group = program.plans[message.protocolName.index]?.group else { return [] }
        var reading = Reading(message: message, captureCount: group.captureCount, values: group.values)
        for check in group.common where !check.holds(&reading) { return [] }
        let elements = list(of: message)?.elements ?? [message]
        return elements.flatMap { element in
            var own = reading
            own.forget()
            own.begin(element)
            return takers(group.rules, element, own, isTold)
        }
    }

    private func takers(
        _ rules: [ProfileProgram.Rule], _ message: Message, _ start: Reading, _ isTold: Bool
    ) -> [String] {
        var out: [String] = []
        for rule in rules {
            if let isOfTarget = rule.isOfTarget, isOfTarget != isTold { continue }
            var reading = start
            guard rule.early.allSatisfy({ $0.holds(&reading) }) else { continue }
            if let body = rule.body {
                reading.opened = BodyFields.add(body, to: message)
                reading.isOpened = true
                guard rule.late.allSatisfy({ $0.holds(&reading) }) else { continue }
            }
            out.append(rule.id)
            if !rule.continues { break }
        }
        return out
    }

    /// What the message says where the profile's own `match` asks for something else; `nil`: that holds.
    public func refusal(of message: Message) -> String? {
        guard let group = program.plans[message.protocolName.index]?.group else { return nil }
        var reading = Reading(message: message, captureCount: group.captureCount, values: group.values)
        guard let check = group.common.first(where: { !$0.holds(&reading) }) else { return nil }
        let said = check.references.map { reference in
            let name = reference.name([])
            return reading.text(reference).map { "\(name) is '\(Words.shown($0))'" } ?? "there is no \(name)"
        }
        return said.isEmpty ? nil : said.prefix(3).joined(separator: ", ")
    }
}
