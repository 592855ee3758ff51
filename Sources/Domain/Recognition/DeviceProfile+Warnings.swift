import Wire

/// What a profile may say and hardly means.
extension DeviceProfile {
    /// In the order it is written; a profile with warnings can be used.
    public var warnings: [ProfileError] { unreachedRules + bareNames + unusedMemory + lonelyPairs }

    private func warn(_ path: [String], _ message: String) -> ProfileError {
        ProfileError(profile: id, path: path, message: message)
    }

    // MARK: Rules that are never reached

    /// Rules that others before them leave nothing.
    public var unreachedRules: [ProfileError] {
        var out: [ProfileError] = []
        for (index, rule) in rules.enumerated() {
            guard let taker = rules[..<index].first(where: { takes($0, allOf: rule) }) else { continue }
            out.append(
                warn(
                    ["rules", String(index)],
                    "rule '\(Words.shown(rule.id))' is never reached: '\(Words.shown(taker.id))' before it takes "
                        + (taker.match.isEmpty ? "every message" : "all that it would")))
        }
        return out
    }

    /// Whether no message that `rule` wants passes an earlier one by.
    private func takes(_ earlier: Rule, allOf rule: Rule) -> Bool {
        !earlier.continues && (earlier.protocolName ?? protocolName) == (rule.protocolName ?? protocolName)
            && (earlier.side == nil || earlier.side == rule.side)
            && earlier.match.allSatisfy { wanted in rule.match.contains { $0.implies(wanted) } }
    }

    // MARK: What belongs together and does not meet

    /// Values that are remembered and never joined.
    private var unusedMemory: [ProfileError] {
        let texts = rules.flatMap(\.texts).map(\.text)
        return rules.enumerated().flatMap { index, rule in
            (rule.remember?.values ?? []).filter { entry in
                !texts.contains { text in
                    ["}", ",", "|", " "].contains { text.contains("joined.\(entry.key)\($0)") }
                }
            }.map { entry in
                warn(
                    ["rules", String(index), "remember", entry.key],
                    "'\(Words.shown(entry.key))' is remembered, and no rule uses {joined.\(Words.shown(entry.key))}")
            }
        }
    }

    /// Pairs whose key is a word of the profile's own, of which only one edge is there.
    private var lonelyPairs: [ProfileError] {
        rules.enumerated().compactMap { index, rule in
            guard let pair = rule.pair, !pair.key.contains("{"),
                !rules.contains(where: { $0.pair?.key == pair.key && $0.pair?.edge != pair.edge })
            else { return nil }
            let key = "no rule with the key '\(Words.shown(pair.key))'"
            return warn(
                ["rules", String(index), "pair", "key"],
                pair.edge == .start
                    ? key + " ends what it begins, so it comes once: 'once' says that"
                    : key + " begins what it ends, so it never comes")
        }
    }

    // MARK: Words that look like fields

    private var bareNames: [ProfileError] {
        var out: [ProfileError] = []
        for (index, rule) in rules.enumerated() {
            let path = ["rules", String(index)]
            let name = rule.protocolName ?? protocolName
            for (key, text) in rule.texts where looksLikeField(text, of: name) {
                out.append(
                    warn(
                        path + key,
                        "'\(key.last ?? "")' is the text '\(Words.shown(text))' itself; what that field holds is "
                            + "\"{\(Words.shown(text))}\""))
            }
        }
        return out
    }

    private func looksLikeField(_ text: String, of name: ProtocolName) -> Bool {
        guard text.contains("."), !text.contains("{"), !text.contains(" ") else { return false }
        let starts = Body.allCases.map(\.prefix) + ["value.", "joined."]
        return starts.contains { text.hasPrefix($0) }
            || Protocols.fields(of: name).contains { ProfileCompiler.isMember(text, of: $0.rawValue) }
    }
}

extension DeviceProfile.Rule {
    /// Templates with their places.
    var texts: [(path: [String], text: String)] {
        var out: [(path: [String], text: String)] = payload.map { (["set", $0.key], $0.template) }
        for (key, text) in [("counter", counter), ("once", once), ("key", key), ("device", device), ("join", join)] {
            if let text { out.append(([key], text)) }
        }
        if let pair { out.append((["pair", "key"], pair.key)) }
        if let remember {
            out.append((["remember", "key"], remember.key))
            out += remember.values.map { (["remember", $0.key], $0.template) }
        }
        return out
    }
}

extension Condition {
    /// Whether `other` holds wherever this does. `false` where that is not plain to see.
    func implies(_ other: Condition) -> Bool {
        if self == other { return true }
        if case .all(let parts) = self, parts.contains(where: { $0.implies(other) }) { return true }
        if case .any(let parts) = other, parts.contains(where: { implies($0) }) { return true }
        if case .all(let parts) = other { return parts.allSatisfy { implies($0) } }
        guard case .field(let name, let test) = self, case .field(let otherName, let wanted) = other,
            name == otherName
        else { return false }
        return test.implies(wanted)
    }
}

extension Condition.Test {
    fileprivate func implies(_ other: Self) -> Bool {
        switch (self, other) {
        case (.present(false), _): false
        case (_, .present(true)): true
        case (.equals(let text), .oneOf(let texts)): texts.contains(text)
        case (.oneOf(let texts), .oneOf(let all)): texts.allSatisfy { all.contains($0) }
        case (.equals(let text), .prefix(let start)): text.hasPrefix(start)
        case (.equals(let text), .suffix(let end)): text.hasSuffix(end)
        case (.prefix(let text), .prefix(let start)): text.hasPrefix(start)
        case (.suffix(let text), .suffix(let end)): text.hasSuffix(end)
        default: false
        }
    }
}
