import Wire

/// Resolves the names of a profile, and notes everything that is wrong with where it stands.
struct ProfileCompiler {
    let profile: DeviceProfile
    private(set) var problems: [ProfileError] = []
    /// Rules that speak of another protocol's fields: that is told once.
    private var foreign: Set<[String]> = []
    /// The named values that are used, by protocol.
    var values: [ProtocolName: [Template]] = [:]

    init(_ profile: DeviceProfile) {
        self.profile = profile
    }

    /// Names that may be used at one place.
    struct Scope {
        var protocolName: ProtocolName
        var body: DeviceProfile.Body?
        /// Slots by name.
        var captures: [String] = []
        /// Of captures that come from a field that is not kept as it is.
        var privacy: [DeviceProfile.Privacy] = []
        /// The profile's own `match`, which is tried before a body is taken apart.
        var isShared = false
        /// A named value, which has none of its own.
        var isValue = false
    }

    mutating func groups() -> [ProtocolName: ProfileProgram.Group] {
        checkTop()
        var groups: [ProtocolName: ProfileProgram.Group] = [:]
        var scopes: [ProtocolName: Scope] = [:]
        var shared = Scope(protocolName: profile.protocolName, body: profile.body)
        // The shared conditions are tried before a body is taken apart, so they cannot speak of it.
        var outer = Scope(protocolName: profile.protocolName, body: nil, isShared: true)
        let common = checks(profile.match, &outer, ["match"])
        shared.captures = outer.captures
        shared.privacy = outer.privacy
        groups[profile.protocolName, default: ProfileProgram.Group()].common = Self.ordered(common)
        scopes[profile.protocolName] = shared

        var seen: Set<String> = []
        for (index, rule) in profile.rules.prefix(ProfileProgram.ruleLimit).enumerated() {
            let path = ["rules", String(index)]
            if !seen.insert(rule.id).inserted {
                note(path + ["id"], "rule '\(Words.shown(rule.id))' comes twice")
            }
            let isForeign = rule.protocolName != nil && rule.protocolName != profile.protocolName
            let name = rule.protocolName ?? profile.protocolName
            var scope =
                isForeign ? Scope(protocolName: name) : scopes[profile.protocolName] ?? Scope(protocolName: name)
            scope.body = rule.body ?? (isForeign ? nil : profile.body)
            let compiled = compile(rule, &scope, path)
            groups[name, default: ProfileProgram.Group()].rules.append(compiled)
            let count = groups[name]?.captureCount ?? 0
            groups[name]?.captureCount = max(count, scope.captures.count)
        }
        for (index, each) in profile.each.enumerated() {
            let body = DeviceProfile.Body.allCases.first { $0 != .pairs && (each + ".").hasPrefix($0.prefix) }
            let isRecord = profile.protocolName == .jsonl && body == .json
            let path = profile.each.count > 1 ? ["each", String(index)] : ["each"]
            if body == nil || profile.body == nil && !isRecord {
                note(
                    path,
                    "'\(Words.shown(each))' is no list of the body; write json, json.<path> or xml.<path>, and 'body: "
                        + "\(body?.rawValue ?? "json")'")
            }
            let bodies = [profile.body] + profile.rules.map(\.body)
            if let body, let own = profile.body, !isRecord, !bodies.contains(body) {
                note(
                    path,
                    "'\(Words.shown(each))' is a list of 'body: \(body.rawValue)', and the profile's is "
                        + "'body: \(own.rawValue)'")
            }
            groups[profile.protocolName]?.each.append((each, isRecord ? nil : body))
        }
        for (name, templates) in values { groups[name]?.values = templates }
        // A profile all of whose rules name other protocols reads only those.
        if groups[profile.protocolName]?.rules.isEmpty == true { groups[profile.protocolName] = nil }
        return groups
    }

    private mutating func checkTop() {
        if !Self.isIdentifier(profile.id) {
            note(["id"], "id '\(Words.shown(profile.id))' must be 'vendor/model' in small letters, digits and '-'")
        }
        if profile.protocolName == .framed, profile.frame == nil {
            note(["protocol"], "frames of a device's own need 'frame': how they are put together")
        }
        if profile.frame != nil, profile.protocolName != .framed {
            note(["frame"], "'frame' is for 'protocol: framed'")
        }
        if profile.rules.isEmpty { note(["rules"], "a profile needs at least one rule") }
        if profile.rules.count > ProfileProgram.ruleLimit {
            note(["rules"], "more than \(ProfileProgram.ruleLimit) rules")
        }
        for (index, value) in profile.values.enumerated() {
            let path = ["values", value.key]
            if profile.values[..<index].contains(where: { $0.key == value.key }) {
                note(path, "value '\(Words.shown(value.key))' comes twice")
            }
            var scope = Scope(protocolName: profile.protocolName, body: profile.body)
            scope.isValue = true
            // Rules of another protocol, or with another body, may be the only ones that use it.
            if !profile.rules.contains(where: { $0.protocolName != nil || $0.body != nil }) {
                _ = template(value.template, scope, path)
            }
        }
        checkPrivacy()
        for (index, map) in profile.maps.enumerated()
        where profile.maps[..<index].contains(where: { $0.name == map.name }) {
            note(["maps", map.name], "map '\(Words.shown(map.name))' comes twice")
        }
    }

    static func isIdentifier(_ id: String) -> Bool {
        let parts = id.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                !part.isEmpty && part.utf8.count <= 64
                    && part.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
            }
    }

    /// Keys of a rule that people look for among those of its event.
    private static let besideSet = [
        "counter", "device", "event", "expires", "join", "key", "observed", "once", "pair", "remember", "restated",
        "stamped",
    ]

    private mutating func compile(
        _ rule: DeviceProfile.Rule, _ scope: inout Scope, _ path: [String]
    ) -> ProfileProgram.Rule {
        var compiled = ProfileProgram.Rule(id: rule.id, event: rule.event, continues: rule.continues)
        compiled.isOfTarget = rule.side.map { $0 == .target }
        if rule.side == .target, profile.party == .source {
            note(path + ["party"], "what the device is told is heard only with 'party: either' of the profile")
        }
        let all = checks(rule.match, &scope, path + ["match"])
        let needsBody = all.map { needs(scope.body, fields($0.references, scope)) }
        // From the first check on that needs the body, checks of captured names may too: they wait with it.
        var isLate = false
        for (check, needs) in zip(all, needsBody) {
            let speaksOfCaptures = check.references.contains { if case .captured = $0 { true } else { false } }
            isLate = isLate || needs
            if needs || (isLate && speaksOfCaptures) {
                compiled.late.append(check)
            } else {
                compiled.early.append(check)
            }
        }
        compiled.early = Self.ordered(compiled.early)
        compiled.late = Self.ordered(compiled.late)

        if let join = rule.join, let key = template(join, scope, path + ["join"]) {
            var slots: [(name: String, slot: Int)] = []
            for name in remembered {
                let full = "joined." + name
                if !scope.captures.contains(full) { scope.captures.append(full) }
                if let slot = scope.captures.firstIndex(of: full) { slots.append((name, slot)) }
            }
            if remembered.isEmpty { note(path + ["join"], "no rule of the profile has 'remember'") }
            compiled.join = (key, slots)
        }
        if let text = rule.counter { compiled.counter = template(text, scope, path + ["counter"]) }
        let keys = payloadKeys(rule, path)
        var given: Set<String> = []
        for entry in rule.payload {
            if !given.insert(entry.key).inserted { note(path + ["set", entry.key], "'\(entry.key)' comes twice") }
            if let keys, !keys.contains(where: { $0.name == entry.key }) {
                let beside =
                    Self.besideSet.contains(entry.key)
                    ? "; '\(entry.key)' stands beside 'set', not in it"
                    : entry.key.hasSuffix("?") ? "; the ? of the README's table is not written" : ""
                note(
                    path + ["set", entry.key],
                    Words.unknown("payload key", entry.key, known: keys.map(\.name)) + " (of \(rule.event ?? ""))"
                        + beside)
            }
            guard let template = template(entry.template, scope, path + ["set", entry.key], isPayload: true) else {
                continue
            }
            checkKind(of: entry.key, template, path + ["set", entry.key])
            compiled.payload.append(
                ProfileProgram.Entry(
                    key: entry.key, template: template, meaning: Self.meaning(rule.event, entry.key),
                    kind: EventKind.valueKind(of: entry.key)))
        }
        for key in keys ?? [] where key.isNeeded && !given.contains(key.name) {
            note(path + ["set"], "\(rule.event ?? "") needs '\(key.name)', and 'set' does not give it")
        }
        if let stamp = rule.stamped {
            compiled.stamp = self.stamp(stamp, scope, path + ["stamped"])
        } else if let stamp = profile.stamped, scope.protocolName == profile.protocolName {
            compiled.stamp = self.stamp(stamp, scope, ["stamped"])
        }
        if let stamp = rule.observed {
            if scope.protocolName.isOfFiles {
                compiled.observed = self.stamp(stamp, scope, path + ["observed"])
            } else {
                note(
                    path + ["observed"],
                    "what comes over the network is observed when it comes; 'observed' is for files")
            }
        }
        compiled.restated = checks(rule.restated, &scope, path + ["restated"])
        keyed(rule, &compiled, scope, path)
        if let device = rule.device { compiled.device = template(device, scope, path + ["device"]) }
        if let remember = rule.remember {
            var values: [(name: String, template: Template)] = []
            for entry in remember.values {
                if let template = template(entry.template, scope, path + ["remember", entry.key]) {
                    values.append((entry.key, template))
                }
            }
            if values.isEmpty { note(path + ["remember"], "'remember' needs a value besides its key") }
            if let key = template(remember.key, scope, path + ["remember", "key"]) {
                compiled.remember = (key, values)
            }
        }
        if rule.event == nil,
            !rule.payload.isEmpty || rule.counter != nil || rule.pair != nil || rule.once != nil
                || rule.key != nil
        {
            note(path, "a rule that is ignored gives no values")
        }
        compiled.captureNames = scope.captures
        if let body = scope.body, !compiled.late.isEmpty || needs(body, fields(references(of: compiled), scope)) {
            compiled.body = body
        }
        return compiled
    }

    /// Fields that a reference stands for: those of a named value are its template's.
    private func fields(_ references: [Reference], _ scope: Scope) -> [Reference] {
        references.flatMap { reference -> [Reference] in
            guard case .named(let index) = reference, let all = values[scope.protocolName], index < all.count else {
                return [reference]
            }
            return all[index].references
        }
    }

    private func references(of rule: ProfileProgram.Rule) -> [Reference] {
        rule.payload.flatMap(\.template.references) + (rule.counter?.references ?? [])
            + (rule.pair?.key.references ?? []) + (rule.once?.references ?? [])
            + (rule.key?.references ?? [])
            + rule.restated.flatMap(\.references) + (rule.stamp?.references ?? [])
            + (rule.observed?.references ?? []) + (rule.device?.references ?? [])
            + (rule.join?.key.references ?? []) + (rule.remember?.key.references ?? [])
            + (rule.remember?.values.flatMap(\.template.references) ?? [])
    }

    private func needs(_ body: DeviceProfile.Body?, _ references: [Reference]) -> Bool {
        guard let body else { return false }
        return references.contains { reference in
            switch reference {
            case .field(let name): name.rawValue.hasPrefix(body.prefix)
            case .below(let prefix): prefix.starts(with: body.prefix.utf8)
            case .captured, .named: false
            }
        }
    }

    private mutating func stamp(
        _ stamp: DeviceProfile.Stamp, _ scope: Scope, _ path: [String]
    ) -> ProfileProgram.Stamp? {
        let place: ProfileProgram.Stamp.Place? =
            switch stamp.place {
            case .field(let name): resolve(name, scope, path + ["field"]).map { .reference($0) }
            case .template(let text): template(text, scope, path + ["value"]).map { .template($0) }
            }
        return place.map { ProfileProgram.Stamp(place: $0, format: stamp.format) }
    }

    /// What the profile says of files; its names are those of the messages themselves.
    mutating func file() -> ProfileProgram.FileForm? {
        guard let form = profile.file else { return nil }
        guard profile.protocolName.isOfFiles else {
            let known = ProtocolName.allCases.filter(\.isOfFiles).map(\.rawValue).joined(separator: ", ")
            note(["file"], "'file' is for the protocols of files: \(known)")
            return nil
        }
        let scope = Scope(protocolName: profile.protocolName, body: nil)
        var compiled = ProfileProgram.FileForm()
        if let device = form.device { compiled.device = template(device, scope, ["file", "device"]) }
        if let office = form.office { compiled.office = template(office, scope, ["file", "office"]) }
        if let observed = form.observed { compiled.observed = stamp(observed, scope, ["file", "observed"]) }
        return compiled
    }

    private mutating func payloadKeys(
        _ rule: DeviceProfile.Rule, _ path: [String]
    ) -> [(name: String, isNeeded: Bool)]? {
        guard let event = rule.event else { return nil }
        let known = EventKind.catalogue.filter { !$0.name.hasPrefix("agent.") && $0.name != "device.clock" }
        guard let entry = known.first(where: { $0.name == event }) else {
            note(path + ["event"], Words.unknown("event", event, known: known.map(\.name)))
            return nil
        }
        return entry.keys.map { key in
            key.hasSuffix("?") ? (String(key.dropLast()), false) : (key, true)
        }
    }

    private static func meaning(_ event: String?, _ key: String) -> ProfileProgram.Entry.Meaning {
        switch key {
        case "service", "toService", "toCounter": .alias
        case "zone": .zone
        default: .plain
        }
    }

    /// The names that rules remember, in the order in which they are written.
    var remembered: [String] {
        var names: [String] = []
        for entry in profile.rules.flatMap({ $0.remember?.values ?? [] }) where !names.contains(entry.key) {
            names.append(entry.key)
        }
        return names
    }

    // MARK: Problems

    mutating func note(_ path: [String], _ message: String) {
        let problem = ProfileError(profile: profile.id, path: path, message: message)
        if !problems.contains(problem) { problems.append(problem) }
    }

    mutating func note(_ path: [String], _ problem: Problem) {
        if problem.isFollowUp { return }
        if !problem.belongsTo.isEmpty, path.first == "rules", !foreign.insert(Array(path.prefix(2))).inserted { return }
        note(path, problem.message)
    }
}
