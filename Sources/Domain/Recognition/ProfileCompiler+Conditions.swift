import Wire

/// What `match` asks for.
extension ProfileCompiler {
    mutating func checks(_ conditions: [Condition], _ scope: inout Scope, _ path: [String]) -> [Check] {
        var out: [Check] = []
        for condition in conditions {
            if let check = check(condition, &scope, path, depth: 0) { out.append(check) }
        }
        return out
    }

    private mutating func check(
        _ condition: Condition, _ scope: inout Scope, _ path: [String], depth: Int
    ) -> Check? {
        if depth > 8 {
            note(path, "conditions nested more than 8 deep")
            return nil
        }
        switch condition {
        case .all(let parts): return .all(group(parts, "all", &scope, path, depth))
        case .any(let parts): return .any(group(parts, "any", &scope, path, depth))
        case .not(let parts): return .not(group(parts, "not", &scope, path, depth))
        case .field(let name, let test):
            let path = path + [name]
            guard let reference = resolve(name, scope, path) else { return nil }
            switch test {
            case .equals(let text):
                if case .field(let field) = reference { return .equals(field, text) }
                return .oneOf(reference, [text])
            case .oneOf(let texts): return .oneOf(reference, texts)
            case .prefix(let text): return .prefix(reference, Array(text.utf8))
            case .suffix(let text): return .suffix(reference, Array(text.utf8))
            case .contains(let text): return .contains(reference, Array(text.utf8))
            case .present(let isWanted): return .present(reference, isWanted)
            case .range(let low, let high):
                if let low, let high, low > high { note(path, "nothing is from \(low) through \(high)") }
                return .range(reference, low ?? .min, high ?? .max)
            case .pattern(let text): return pattern(text, reference, of: name, &scope, path)
            }
        }
    }

    private mutating func group(
        _ parts: [Condition], _ word: String, _ scope: inout Scope, _ path: [String], _ depth: Int
    ) -> [Check] {
        var out: [Check] = []
        for (index, part) in parts.enumerated() {
            if let check = check(part, &scope, path + [word, String(index)], depth: depth + 1) { out.append(check) }
        }
        return out
    }

    private mutating func pattern(
        _ text: String, _ reference: Reference, of field: String, _ scope: inout Scope, _ path: [String]
    ) -> Check? {
        let treatment = DeviceProfile.Privacy.treatment(of: field, profile.privacy + scope.privacy)
        do throws(Problem) {
            let pattern = try Pattern(text)
            var slots: [Int?] = []
            for hole in pattern.holes {
                if hole.name == "_" {
                    slots.append(nil)
                } else if let slot = scope.captures.firstIndex(of: hole.name) {
                    slots.append(slot)
                } else {
                    if Protocols.fields(of: scope.protocolName).contains(FieldName(hole.name)) {
                        throw Problem("'{\(hole.name)}' is the name of a field too; call it something else")
                    }
                    slots.append(scope.captures.count)
                    scope.captures.append(hole.name)
                    if treatment != .keep { scope.privacy.append(DeviceProfile.Privacy(hole.name, treatment)) }
                }
            }
            return .pattern(reference, pattern, slots)
        } catch {
            note(path, error.message)
            return nil
        }
    }

    /// Equality first, the rest in the order it is written: patterns before those who use what they capture.
    static func ordered(_ checks: [Check]) -> [Check] {
        checks.filter(\.isEquality) + checks.filter { !$0.isEquality }
    }
}
