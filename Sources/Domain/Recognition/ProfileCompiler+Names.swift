import Wire

/// What a name means at the place where it stands: a field, a capture, a named value, all below a star.
extension ProfileCompiler {
    /// - Parameter isPayload: a moment may stand there.
    mutating func template(
        _ text: String, _ scope: Scope, _ path: [String], isPayload: Bool = false
    ) -> Template? {
        do throws(Problem) {
            let privacy = profile.privacy + scope.privacy
            let template = try Template(
                text, maps: profile.maps,
                privacy: { name in DeviceProfile.Privacy.treatment(of: name, privacy) }
            ) { name throws(Problem) in
                try checkFrame(name, scope)
                return try resolve(name, scope)
            }
            if template.isMoment, !isPayload { throw Problem("'time:' is for 'due' and 'finished' of 'set'") }
            return template
        } catch {
            note(path, error)
            return nil
        }
    }

    mutating func resolve(_ name: String, _ scope: Scope, _ path: [String]) -> Reference? {
        do throws(Problem) {
            try checkFrame(name, scope)
            return try resolve(name, scope)
        } catch {
            note(path, error)
            return nil
        }
    }

    /// A named value, compiled for the place where it is used.
    mutating func named(_ name: String, _ scope: Scope) throws(Problem) -> Reference {
        guard let value = profile.values.first(where: { "value." + $0.key == name }) else {
            throw Problem(unknown: "value", name, known: profile.values.map { "value." + $0.key })
        }
        if scope.isValue { throw Problem("a value cannot use another ('\(Words.shown(name))')") }
        var inner = Scope(protocolName: scope.protocolName, body: scope.body)
        inner.isShared = scope.isShared
        inner.isValue = true
        let count = problems.count
        guard let template = template(value.template, inner, ["values", value.key]) else {
            var problem = Problem("'\(Words.shown(name))' cannot be used here: see 'values'")
            // Told of the value itself, now or before.
            problem.isFollowUp = problems.count > count || problems.contains { $0.path == ["values", value.key] }
            throw problem
        }
        var all = values[scope.protocolName] ?? []
        if let index = all.firstIndex(of: template) { return .named(index) }
        all.append(template)
        values[scope.protocolName] = all
        return .named(all.count - 1)
    }

    mutating func resolve(_ name: String, _ scope: Scope) throws(Problem) -> Reference {
        if name.hasPrefix("value.") { return try named(name, scope) }
        if name.contains("|") {
            throw Problem("'\(Words.shown(name))' is no field; give the value a name under 'values' and ask for that")
        }
        if let star = name.firstIndex(of: "*") {
            guard name.hasSuffix(".*"), star == name.index(before: name.endIndex), name.utf8.count > 2 else {
                throw Problem("'*' stands for the end of a name, after a dot: varbind.1.3.6.1.2.1.2.2.1.1.*")
            }
            // Fields below it must be such that could be named.
            _ = try resolve(String(name.dropLast()) + "0", scope)
            return .below(Array(name.utf8.dropLast()))
        }
        if let slot = scope.captures.firstIndex(of: name) { return .captured(slot) }
        for body in DeviceProfile.Body.allCases
        where name.hasPrefix(body.prefix) && name.utf8.count > body.prefix.utf8.count {
            if scope.body == body { return .field(FieldName(name)) }
        }
        let own = Protocols.fields(of: scope.protocolName)
        // The decoder's own literal is found without comparing its bytes.
        if let field = own.first(where: { $0.rawValue == name }) { return .field(field) }
        var known = own.map(\.rawValue)
        for field in known where Self.isMember(name, of: field) { return .field(FieldName(name)) }
        for body in DeviceProfile.Body.allCases where name.hasPrefix(body.prefix) {
            throw Problem(
                scope.isShared
                    ? "the profile's 'match' cannot ask for the body ('\(Words.shown(name))'); ask in the rules"
                    : "field '\(Words.shown(name))' needs 'body: \(body.rawValue)'")
        }
        if name.hasPrefix("joined.") { throw joined(name, scope) }
        if scope.isValue, holes.contains(name) {
            throw Problem(
                "'\(Words.shown(name))' is a hole of a pattern, which only the rule itself knows; a value cannot use it"
            )
        }
        if let body = scope.body { known.append(body.prefix + "*") }
        known += profile.values.map { "value." + $0.key }
        var problem = Problem(
            unknown: scope.protocolName.rawValue + " field", name, known: (known + scope.captures).sorted())
        let below = placesBelow(name, own.map(\.rawValue), scope.body)
        // `event` may stand for `query.event`, whoever else has a field of that name.
        let isOfAddress = below.contains("query." + name)
        if !isOfAddress { problem.blame(owners(of: name)) }
        if !below.isEmpty, problem.belongsTo.isEmpty, isOfAddress || Words.nearest(name, in: known).isEmpty {
            problem.message += "; is it \(Words.either(below))?"
        }
        throw problem
    }

    /// Where a word that messages bring along could stand: in an address, a form, a body.
    private func placesBelow(_ name: String, _ own: [String], _ body: DeviceProfile.Body?) -> [String] {
        if name.contains(".") { return [] }
        return ["query.*", "form.*"].filter { own.contains($0) }.map { $0.dropLast() + name }
            + (body.map { [$0.prefix + name] } ?? [])
    }

    /// What is wrong with a value of an earlier message that is not there.
    private func joined(_ name: String, _ scope: Scope) -> Problem {
        let known = remembered.map { "joined." + $0 }
        if scope.isValue {
            return Problem("'\(Words.shown(name))' is known only to a rule with 'join'; a value cannot use it")
        }
        if known.isEmpty { return Problem("'\(Words.shown(name))' needs a rule that says 'remember'") }
        if !known.contains(name) { return Problem(unknown: "remembered value", name, known: known) }
        return Problem(
            "'\(Words.shown(name))' needs 'join' in this rule: what the message calls the 'key' of 'remember'")
    }

    /// The names that patterns of the profile give to what they take.
    private var holes: Set<String> {
        var out: Set<String> = []
        func add(_ conditions: [Condition], _ depth: Int) {
            for condition in conditions where depth <= 8 {
                switch condition {
                case .field(_, .pattern(let text)):
                    if let pattern = try? Pattern(text) { out.formUnion(pattern.holes.map(\.name)) }
                case .field: break
                case .all(let parts), .any(let parts), .not(let parts): add(parts, depth + 1)
                }
            }
        }
        add(profile.match, 0)
        for rule in profile.rules { add(rule.match, 0) }
        return out
    }

    /// `header.*` stands for every name with that start.
    static func isMember(_ name: String, of field: String) -> Bool {
        field.hasSuffix(".*") && name.hasPrefix(field.dropLast()) && name.utf8.count >= field.utf8.count
    }
}
