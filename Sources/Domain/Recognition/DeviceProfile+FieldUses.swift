import Wire

extension DeviceProfile {
    /// Names of fields that a place of the profile asks for: of several in one pair of braces, one is enough.
    public struct FieldUse: Hashable, Sendable {
        /// Where it stands: `["rules", "3", "set", "number"]`.
        public var path: [String]
        public var names: [String]
        /// Beside them stands something that samples need not show: a field of the protocol's own, a value, a hole.
        public var hasOthers = false

        /// What tells parts, calls or visits apart: an alternative that never comes would mix them up in silence.
        public var isKey: Bool {
            guard path.first == "rules", path.count > 2 else { return false }
            return ["key", "once", "join", "device"].contains(path[2]) || path.last == "key"
        }
    }

    /// Where the profile names fields that messages bring along: columns, what is inside of bodies, headers. The fields
    /// that a protocol always has are no matter of samples; what must not be there (`present: false`, `not`) is left out.
    public var fieldUses: [FieldUse] {
        var out = uses(match, ["match"], protocolName) + uses(stamped, ["stamped"], protocolName)
        for entry in privacy { out += use([entry.field], ["privacy", entry.field], protocolName) }
        for value in values { out += uses(value.template, ["values", value.key], protocolName) }
        if let file {
            for (key, text) in [("device", file.device), ("office", file.office)] {
                if let text { out += uses(text, ["file", key], protocolName) }
            }
            out += uses(file.observed, ["file", "observed"], protocolName)
        }
        for (index, rule) in rules.enumerated() {
            let path = ["rules", String(index)]
            let name = rule.protocolName ?? protocolName
            out += uses(rule.match, path + ["match"], name)
            for (key, text) in rule.texts { out += uses(text, path + key, name) }
            out += uses(rule.stamped, path + ["stamped"], name) + uses(rule.observed, path + ["observed"], name)
        }
        return out
    }

    private func uses(_ stamp: Stamp?, _ path: [String], _ protocolName: ProtocolName) -> [FieldUse] {
        switch stamp?.place {
        case .field(let name)?: use([name], path, protocolName)
        case .template(let text)?: uses(text, path, protocolName)
        case nil: []
        }
    }

    private func uses(_ template: String, _ path: [String], _ protocolName: ProtocolName) -> [FieldUse] {
        guard let pieces = try? Pieces.split(template) else { return [] }
        return pieces.flatMap { piece -> [FieldUse] in
            guard case .hole(let content) = piece else { return [] }
            let names = content.prefix { $0 != "|" }.split(separator: ",").map { name in
                String(name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            return use(names, path, protocolName)
        }
    }

    private func uses(
        _ conditions: [Condition], _ path: [String], _ protocolName: ProtocolName, depth: Int = 0
    ) -> [FieldUse] {
        guard depth <= 8 else { return [] }
        return conditions.flatMap { condition -> [FieldUse] in
            switch condition {
            case .field(_, .present(false)), .not: return []
            case .field(let name, _): return use([name], path + [name], protocolName)
            case .all(let parts): return uses(parts, path, protocolName, depth: depth + 1)
            case .any(let parts):
                // One of them is enough.
                let all = uses(parts, path, protocolName, depth: depth + 1)
                return all.isEmpty
                    ? []
                    : [
                        FieldUse(
                            path: path + ["any"], names: all.flatMap(\.names),
                            hasOthers: all.contains(where: \.hasOthers))
                    ]
            }
        }
    }

    private func use(_ names: [String], _ path: [String], _ protocolName: ProtocolName) -> [FieldUse] {
        let open = names.filter { name in
            Body.allCases.contains { name.hasPrefix($0.prefix) }
                || Protocols.fields(of: protocolName).contains { ProfileCompiler.isMember(name, of: $0.rawValue) }
        }
        return open.isEmpty ? [] : [FieldUse(path: path, names: open, hasOthers: open.count < names.count)]
    }
}
