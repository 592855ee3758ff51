internal import Domain

extension DeviceFolder {
    /// Fields that the profile asks for and no sample has. Where a sample has one of nearly that name, which the profile
    /// does not use, it is a slip of the pen: a warning. Else it is something that a sample could show: a note.
    public func unsampled(_ outcomes: [Outcome]) -> (warnings: [FileProblem], notes: [FileProblem]) {
        let names = outcomes.reduce(into: Set<String>()) { $0.formUnion($1.names) }
        guard !names.isEmpty else { return ([], []) }
        let known = names.sorted()
        var (warnings, notes): ([FileProblem], [FileProblem]) = ([], [])
        if let each = profile.each.first, !outcomes.contains(where: \.hasList) {
            let list = Self.near(each, Self.lists(known)).map { "; there is \($0)" } ?? ""
            warnings.append(warning(["each"], "no sample has a list \(each)" + list))
            return (warnings, notes)
        }
        let uses = profile.fieldUses
        let used = Set(uses.flatMap(\.names))
        let free = known.filter { !used.contains($0) }
        var said: Set<[String]> = []
        for use in uses where use.hasOthers || use.names.contains(where: { Self.isThere($0, names, known) }) {
            // Beside one that is right, another may be a slip of the pen; what tells parts or visits apart must not be.
            for name in use.names where !Self.isThere(name, names, known) && said.insert([name]).inserted {
                // Of three letters another word is too often one letter away.
                if Self.parts(name).last.count > 3, let near = Self.near(name, free) {
                    warnings.append(warning(use.path, "no sample has \(name); there is \(near)"))
                } else if use.isKey {
                    warnings.append(warning(use.path, "no sample has \(name), which stands in a key beside others"))
                }
            }
        }
        for use in uses where !use.hasOthers && !use.names.contains(where: { Self.isThere($0, names, known) }) {
            guard said.insert(use.names).inserted, let first = use.names.first else { continue }
            let more = use.names.count > 4 ? " and \(use.names.count - 4) others" : ""
            let text = "no sample has " + use.names.prefix(4).joined(separator: ", nor ") + more
            // What is to be kept out is rarely in a sample, and often nearly what is used.
            let isKeptOut = use.path.first == "privacy"
            if isKeptOut, let near = Self.near(first, known) {
                notes.append(place(use.path, text + "; there is \(near)"))
            } else if use.names.count == 1, !isKeptOut, let near = Self.near(first, free) ?? Self.same(first, known) {
                warnings.append(warning(use.path, text + "; there is \(near)"))
            } else {
                // One that is used elsewhere is rather another field.
                let other =
                    use.names.count == 1
                    ? Self.elsewhere(first, free) ?? (isKeptOut ? nil : Self.near(first, known)) : nil
                notes.append(place(use.path, text + (other.map { "; there is \($0)" } ?? "")))
            }
        }
        notes += neverRestated(outcomes)
        return (warnings, notes)
    }

    /// Conditions of `restated` that never hold, whichever rule asks for them: a word of them may be wrong.
    private func neverRestated(_ outcomes: [Outcome]) -> [FileProblem] {
        let tried = outcomes.reduce(into: Set<String>()) { $0.formUnion($1.rules) }
        let restated = outcomes.reduce(into: Set<String>()) { $0.formUnion($1.restated) }
        var held = Set(profile.rules.filter { restated.contains($0.id) }.map(\.restated))
        return profile.rules.enumerated().compactMap { index, rule in
            guard !rule.restated.isEmpty, tried.contains(rule.id), held.insert(rule.restated).inserted else {
                return nil
            }
            return place(
                ["rules", String(index), "restated"],
                "no sample has a message for which 'restated' of rule '\(Words.shown(rule.id))' holds")
        }
    }

    /// Rules that no message of any sample comes to: nothing shows that they do what they should. Those that can never be
    /// reached are told as such already.
    public func untried(_ outcomes: [Outcome]) -> [FileProblem] {
        let tried = outcomes.reduce(into: Set<String>()) { $0.formUnion($1.rules) }
        let isRun = outcomes.contains { !$0.fields.isEmpty }
        guard isRun else { return [] }
        let told = Set(profile.unreachedRules.map(\.path))
        return profile.rules.enumerated().compactMap { index, rule in
            let path = ["rules", String(index)]
            if tried.contains(rule.id) || told.contains(path) { return nil }
            return warning(path, "no sample has a message for rule '\(Words.shown(rule.id))'")
        }
    }

    private static func isThere(_ name: String, _ names: Set<String>, _ known: [String]) -> Bool {
        if name.hasSuffix(".*") { return known.contains { $0.hasPrefix(name.dropLast()) } }
        return names.contains(name)
    }

    /// The same in other letters, or with another last part that is nearly the same.
    private static func near(_ name: String, _ known: [String]) -> String? {
        if let same = same(name, known) { return same }
        let (parent, last) = parts(name)
        let siblings = known.filter { parts($0).parent == parent }
        guard last.count >= 3 else { return nil }
        return Words.nearest(last, in: siblings.map { parts($0).last }).first.map {
            parent.isEmpty ? $0 : parent + "." + $0
        }
    }

    /// The same in other letters.
    private static func same(_ name: String, _ known: [String]) -> String? {
        let small = name.lowercased()
        return known.first { $0.lowercased() == small }
    }

    /// The same last part below another one.
    private static func elsewhere(_ name: String, _ known: [String]) -> String? {
        let root = name.prefix { $0 != "." }
        return known.first { $0.prefix { $0 != "." } == root && parts($0).last == parts(name).last }
    }

    private static func parts(_ name: String) -> (parent: String, last: String) {
        guard let dot = name.lastIndex(of: ".") else { return ("", name) }
        return (String(name[..<dot]), String(name[name.index(after: dot)...]))
    }

    /// What holds numbered elements: `json.tickets` of `json.tickets.0.no`.
    private static func lists(_ names: [String]) -> [String] {
        var out: [String] = []
        for name in names {
            let parts = name.split(separator: ".")
            guard let index = parts.firstIndex(where: { $0.allSatisfy(\.isNumber) }), index > 0 else { continue }
            let list = parts[..<index].joined(separator: ".")
            if !out.contains(list) { out.append(list) }
        }
        return out
    }
}
