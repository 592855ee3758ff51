import Wire

/// Fields that are named where they are none.
extension ProfileCompiler {
    /// What is not kept must be a field of what the profile reads: a slip of the pen would protect nothing.
    mutating func checkPrivacy() {
        var scopes = [Scope(protocolName: profile.protocolName, body: profile.body)]
        for rule in profile.rules.prefix(ProfileProgram.ruleLimit) {
            let isForeign = rule.protocolName != nil && rule.protocolName != profile.protocolName
            let name = rule.protocolName ?? profile.protocolName
            let body = rule.body ?? (isForeign ? nil : profile.body)
            if !scopes.contains(where: { $0.protocolName == name && $0.body == body }) {
                scopes.append(Scope(protocolName: name, body: body))
            }
        }
        for entry in profile.privacy {
            var first: Problem?
            var isField = false
            for scope in scopes where !isField {
                do throws(Problem) {
                    _ = try resolve(entry.field, scope)
                    isField = true
                } catch {
                    if first == nil { first = error }
                }
            }
            if !isField, let first { note(["privacy", entry.field], first.message) }
        }
    }

    /// The fields that a frame's layout names are all there are.
    func checkFrame(_ name: String, _ scope: Scope) throws(Problem) {
        guard scope.protocolName == .framed, let frame = profile.frame, name.hasPrefix("field."),
            !scope.captures.contains(name)
        else { return }
        let known = frame.fields.map { "field." + $0.name }
        if !known.contains(name) { throw Problem(unknown: "field", name, known: known.sorted()) }
    }

    /// The protocols that have a field of that name, in their own order.
    func owners(of name: String) -> [String] {
        ProtocolName.allCases.filter { other in
            Protocols.fields(of: other).contains { $0.rawValue == name || Self.isMember(name, of: $0.rawValue) }
        }.map(\.rawValue)
    }
}

/// Values that cannot be what their key holds.
extension ProfileCompiler {
    /// What is the same in every message is looked at once, here; what messages say, when they say it.
    mutating func checkKind(of key: String, _ template: Template, _ path: [String]) {
        let kind = EventKind.valueKind(of: key)
        if kind == .moment {
            if !template.isMoment {
                note(path, "'\(key)' is a moment; write \"{field|time:FORMAT}\", like time:iso8601 or time:%d/%m/%Y")
            }
        } else if template.isMoment {
            note(path, "'\(key)' is \(kind.words); 'time:' is for 'due' and 'finished'")
        } else if let text = template.constant, !kind.admits(text) {
            note(path, "'\(key)' is \(kind.words), not '\(Words.shown(text))'")
        } else if let (map, word, text) = template.mapped(where: { !kind.admits($0) }) {
            note(
                path,
                "'\(key)' is \(kind.words), and map '\(Words.shown(map))' makes '\(Words.shown(text))' of "
                    + "'\(Words.shown(word))'")
        }
    }
}

extension Template {
    /// Of a value that is a map's word: the first that is refused, or that nothing becomes of behind the map.
    fileprivate func mapped(where isRefused: (String) -> Bool) -> (map: String, word: String, text: String)? {
        guard case .value(_, let filters)? = pieces.first, pieces.count == 1,
            let place = filters.lastIndex(where: \.isMap), case .map(let map) = filters[place]
        else { return nil }
        let rest = filters[(place + 1)...]
        // Whatever else is said may well be no value here.
        for entry in map.entries {
            guard let value = Self.apply(rest, entry.template), !isRefused(value) else {
                return (map.name, entry.key, entry.template)
            }
        }
        return nil
    }
}

extension Problem {
    /// Says whose field it is, where that is one of few.
    mutating func blame(_ owners: [String]) {
        guard let first = owners.first, owners.count <= 3 else { return }
        belongsTo = owners
        message +=
            "; '" + owners.joined(separator: "' and '") + "' \(owners.count == 1 ? "has" : "have") it: "
            + "is 'protocol: \(first)' missing?"
    }
}
