internal import Domain
internal import Wire
internal import Yams

/// Nodes of a `profile.yaml` to a `DeviceProfile`. What the language itself forbids is told by `DeviceProfile.problems`,
/// whose paths this reader turns into lines.
struct ProfileReader {
    var problems: ProblemList
    /// The line of each place in the profile.
    private(set) var lines: [[String]: Int] = [:]
    private(set) var samples: [DeviceFolder.Sample] = []

    static let topKeys = [
        "id", "name", "kind", "protocol", "party", "body", "each", "confidence", "source", "match", "stamped", "frame",
        "file",
        "privacy", "maps", "values", "rules", "samples",
    ]
    static let ruleKeys = [
        "id", "protocol", "party", "body", "match", "event", "ignore", "counter", "device", "set", "stamped",
        "observed",
        "restated",
        "pair", "once", "key", "expires", "remember", "join", "continue",
    ]

    static let sampleKeys = [
        "input", "expect", "protocol", "transport", "zones", "aliases", "behind", "source",
    ]

    init(path: String) {
        problems = ProblemList(path: path)
    }

    mutating func profile(_ root: Node) -> DeviceProfile? {
        let top = YAMLFields(root, "a profile", known: Self.topKeys, &problems)
        guard case .mapping = root else { return nil }
        for key in Self.topKeys { note([key], top[key]) }
        let id = top.needed("id", of: "a profile", &problems)
        let kind: DeviceProfile.Kind? = top.word("kind", "kind", &problems)
        if top["kind"] == nil, !top.isMisspelt("kind") { problems.note(line: 1, "a profile needs 'kind'") }
        let protocolName = protocolName(top)
        if top["protocol"] == nil, !top.isMisspelt("protocol") { problems.note(line: 1, "a profile needs 'protocol'") }
        let confidence: DeviceProfile.Confidence? = top.word("confidence", "confidence", &problems)
        if top["confidence"] == nil, !top.isMisspelt("confidence") {
            problems.note(
                line: 1, "a profile needs 'confidence': verified (a real device was seen to say this) or assumed")
        }
        let source = top.needed("source", of: "a profile", &problems)
        guard top["rules"] != nil else {
            if !top.isMisspelt("rules") { problems.note(line: 1, "a profile needs 'rules'") }
            return nil
        }
        var profile = DeviceProfile(
            id: id ?? "", name: top.name("name", &problems) ?? LocalizedName(vi: id ?? "", en: id ?? ""),
            kind: kind ?? .network, protocolName: protocolName ?? .syslog,
            party: top.word("party", "party", &problems) ?? .source, body: top.word("body", "body", &problems),
            each: top.list("each").compactMap { YAMLFields.text($0, "each", &problems) }, privacy: privacy(top),
            confidence: confidence ?? .assumed, source: source ?? "", rules: [])
        profile.match = conditions(top["match"], ["match"])
        profile.stamped = stamp(top["stamped"], ["stamped"])
        profile.frame = frame(top)
        profile.file = file(top)
        profile.maps = maps(top)
        for (key, keyNode, value) in top.pairs("values", &problems) {
            note(["values", key], keyNode)
            if let text = YAMLFields.text(value, key, &problems) {
                profile.values.append(DeviceProfile.Entry(key, text))
            }
        }
        for (index, node) in top.strictList("rules", &problems).enumerated() {
            if let rule = rule(node, ["rules", String(index)]) { profile.rules.append(rule) }
        }
        samples(top)
        return profile
    }

    /// Adds what the language says about the profile, each with its line.
    mutating func check(_ profile: DeviceProfile) {
        for problem in profile.problems { problems.note(line: line(of: problem.path), problem.message) }
    }

    func line(of path: [String]) -> Int { Self.line(of: path, in: lines) }

    /// The line of a place, or of what it is part of.
    static func line(of path: [String], in lines: [[String]: Int]) -> Int {
        var path = path
        while !path.isEmpty {
            if let line = lines[path] { return line }
            path.removeLast()
        }
        return 1
    }

    mutating func note(_ path: [String], _ node: Node?) {
        if let node { lines[path] = node.line }
    }

    private mutating func protocolName(_ fields: YAMLFields) -> ProtocolName? {
        fields.word("protocol", "protocol", &problems)
    }

    // MARK: Parts

    private mutating func rule(_ node: Node, _ path: [String]) -> DeviceProfile.Rule? {
        let fields = YAMLFields(node, "a rule", known: Self.ruleKeys, &problems)
        guard case .mapping = node else { return nil }
        note(path, node)
        for key in Self.ruleKeys { note(path + [key], fields[key]) }
        let id = fields.needed("id", of: "a rule", &problems) ?? ""
        let event = fields.text("event", &problems)
        let isIgnored = flag("ignore", fields)
        if event == nil, !isIgnored, !fields.isMisspelt("event"), !fields.isMisspelt("ignore") {
            problems.note(node, "a rule needs 'event', or 'ignore: true' if its messages mean nothing")
        }
        if event != nil, isIgnored { problems.note(fields["ignore"], "a rule has 'event' or 'ignore: true', not both") }
        var payload: [DeviceProfile.Entry] = []
        for (key, keyNode, value) in fields.pairs("set", &problems) {
            note(path + ["set", key], keyNode)
            if let text = YAMLFields.text(value, key, &problems) { payload.append(DeviceProfile.Entry(key, text)) }
        }
        return DeviceProfile.Rule(
            id: id, protocolName: protocolName(fields), body: fields.word("body", "body", &problems),
            match: conditions(fields["match"], path + ["match"]), event: event,
            counter: fields.text("counter", &problems), payload: payload,
            stamped: stamp(fields["stamped"], path + ["stamped"]),
            observed: stamp(fields["observed"], path + ["observed"]),
            restated: conditions(fields["restated"], path + ["restated"]), pair: pair(fields["pair"], path + ["pair"]),
            once: fields.text("once", &problems), key: fields.text("key", &problems), expires: expires(fields),
            device: fields.text("device", &problems),
            remember: remember(fields["remember"], path + ["remember"]), join: fields.text("join", &problems),
            continues: flag("continue", fields), side: fields.word("party", "party", &problems))
    }

    private mutating func flag(_ key: String, _ fields: YAMLFields) -> Bool {
        guard let node = fields[key] else { return false }
        return boolean(node, key) ?? false
    }

    private mutating func boolean(_ node: Node, _ key: String) -> Bool? {
        switch node.scalar?.string {
        case "true": return true
        case "false": return false
        default:
            problems.note(node, "'\(key)' is true or false")
            return nil
        }
    }

    /// `{ field: …, format: … }`, or `value` with a template where the time is put together.
    mutating func stamp(_ node: Node?, _ path: [String]) -> DeviceProfile.Stamp? {
        guard let node else { return nil }
        let fields = YAMLFields(node, "a stamp", known: ["field", "value", "format"], &problems)
        for key in ["field", "value"] { note(path + [key], fields[key]) }
        guard case .mapping = node else { return nil }
        var format = StampFormat.iso8601
        if let text = fields.text("format", &problems) {
            do throws(StampFormatError) {
                format = try StampFormat(text)
            } catch {
                problems.note(fields["format"], error.message)
            }
        }
        switch (fields.text("field", &problems), fields.text("value", &problems)) {
        case (let field?, nil): return DeviceProfile.Stamp(.field(field), format: format)
        case (nil, let value?): return DeviceProfile.Stamp(.template(value), format: format)
        case (nil, nil): problems.note(node, "a stamp needs 'field', or 'value' with a template")
        case (.some, .some): problems.note(node, "a stamp has 'field' or 'value', not both")
        }
        return nil
    }

    private mutating func pair(_ node: Node?, _ path: [String]) -> DeviceProfile.Pair? {
        guard let node else { return nil }
        let fields = YAMLFields(node, "a pair", known: ["edge", "key"], &problems)
        note(path + ["key"], fields["key"])
        guard case .mapping = node, let key = fields.needed("key", of: "a pair", &problems) else { return nil }
        guard fields["edge"] != nil else {
            problems.note(node, "a pair needs 'edge': start or end")
            return nil
        }
        let edge: DeviceProfile.Pair.Edge? = fields.word("edge", "edge", &problems)
        return edge.map { DeviceProfile.Pair($0, key: key) }
    }

    private mutating func maps(_ top: YAMLFields) -> [DeviceProfile.ValueMap] {
        top.pairs("maps", &problems).map { name, keyNode, value in
            note(["maps", name], keyNode)
            var map = DeviceProfile.ValueMap(name: name, entries: [])
            for (word, _, meaning) in YAMLFields.pairs(value, name, &problems) {
                guard let text = YAMLFields.text(meaning, word, &problems) else { continue }
                if word == "_" {
                    map.otherwise = text
                } else {
                    map.entries.append(DeviceProfile.Entry(word, text))
                }
            }
            return map
        }
    }

    // MARK: Conditions

    private static let tests = ["prefix", "suffix", "contains", "present", "pattern", "from", "through", "not"]

    /// A mapping from fields to tests; `all`, `any` and `not` hold lists of such mappings.
    private mutating func conditions(_ node: Node?, _ path: [String], depth: Int = 0) -> [Condition] {
        guard let node, !node.isAbsent else { return [] }
        if depth > 8 {
            problems.note(node, "conditions nested more than 8 deep")
            return []
        }
        var out: [Condition] = []
        for (key, keyNode, value) in YAMLFields.pairs(node, "match", &problems) {
            note(path + [key], keyNode)
            switch key {
            case "all": out.append(.all(group(value, path + [key], depth)))
            case "any":
                let parts = group(value, path + [key], depth)
                if parts.isEmpty { problems.note(value, "'any' needs at least one condition") }
                out.append(.any(parts))
            case "not": out.append(.not(group(value, path + [key], depth)))
            default: out += test(key, value)
            }
        }
        return out
    }

    /// Each item of a list is one condition: all of its mapping.
    private mutating func group(_ node: Node, _ path: [String], _ depth: Int) -> [Condition] {
        guard case .sequence(let items) = node else { return conditions(node, path, depth: depth + 1) }
        var out: [Condition] = []
        for (index, item) in items.enumerated() {
            note(path + [String(index)], item)
            let parts = conditions(item, path + [String(index)], depth: depth + 1)
            if let only = parts.first, parts.count == 1 { out.append(only) } else { out.append(.all(parts)) }
        }
        return out
    }

    private mutating func test(_ field: String, _ node: Node) -> [Condition] {
        switch node {
        case .scalar(let scalar):
            // `text: "HDD{disk:int} ERROR"` would be compared with its braces.
            if let open = scalar.string.firstIndex(of: "{"), let close = scalar.string[open...].firstIndex(of: "}"),
                scalar.string.index(after: open) < close, scalar.string[open..<close].allSatisfy({ $0 != " " })
            {
                problems.note(
                    node, "a text with holes is a pattern: \(field): { pattern: \"\(Words.shown(scalar.string))\" }")
            }
            return [.field(field, .equals(scalar.string))]
        case .sequence(let items):
            let texts = items.compactMap { YAMLFields.text($0, field, &problems) }
            if texts.isEmpty { problems.note(node, "'\(field)' is compared with an empty list") }
            return [.field(field, .oneOf(texts))]
        case .mapping:
            let fields = YAMLFields(node, "a test", known: Self.tests, &problems)
            var out: [Condition] = []
            out += anyOf("prefix", fields, field) { .prefix($0) }
            out += anyOf("suffix", fields, field) { .suffix($0) }
            out += anyOf("contains", fields, field) { .contains($0) }
            if let text = fields.text("pattern", &problems) { out.append(.field(field, .pattern(text))) }
            if let value = fields["present"], let wanted = boolean(value, "present") {
                out.append(.field(field, .present(wanted)))
            }
            if let value = fields["not"] { out.append(.not([.all(test(field, value))])) }
            let from = bound("from", fields)
            let through = bound("through", fields)
            if from != nil || through != nil { out.append(.field(field, .range(from: from, through: through))) }
            return out
        case .alias: return []
        }
    }

    /// One text, or a list of which one must fit.
    private mutating func anyOf(
        _ key: String, _ fields: YAMLFields, _ field: String, _ test: (String) -> Condition.Test
    ) -> [Condition] {
        let texts = fields.list(key).compactMap { YAMLFields.text($0, key, &problems) }
        switch texts.count {
        case 0: return []
        case 1: return [.field(field, test(texts[0]))]
        default: return [.any(texts.map { .field(field, test($0)) })]
        }
    }

    private mutating func bound(_ key: String, _ fields: YAMLFields) -> Int64? {
        guard let text = fields.text(key, &problems) else { return nil }
        if let value = Int64(text) { return value }
        problems.note(fields[key], "'\(Words.shown(text))' is no whole number")
        return nil
    }

    // MARK: Samples

    private mutating func samples(_ top: YAMLFields) {
        for node in top.strictList("samples", &problems) {
            let fields = YAMLFields(
                node, "a sample", known: Self.sampleKeys,
                &problems)
            guard case .mapping = node, let input = fields.needed("input", of: "a sample", &problems),
                let expect = fields.needed("expect", of: "a sample", &problems)
            else { continue }
            for (key, path) in [("input", input), ("expect", expect)]
            where path.hasPrefix("/") || path.split(separator: "/").contains("..") {
                problems.note(fields[key], "'\(Words.shown(path))' leads out of the device's folder")
            }
            let transport: HeardMessage.Transport? = transport(fields)
            var zones: [Device.Zone] = []
            for (zone, _, value) in fields.pairs("zones", &problems) {
                if let token = YAMLFields.text(value, zone, &problems) {
                    zones.append(Device.Zone(name: zone, token: token))
                }
            }
            var aliases: [Device.Alias] = []
            for (said, _, value) in fields.pairs("aliases", &problems) {
                if let meant = YAMLFields.text(value, said, &problems) {
                    aliases.append(Device.Alias(said: said, meant: meant))
                }
            }
            samples.append(
                DeviceFolder.Sample(
                    line: node.line, expectLine: fields["expect"]?.line ?? node.line, input: input, expect: expect,
                    protocolName: protocolName(fields), transport: transport, zones: zones, aliases: aliases,
                    behind: fields.list("behind").compactMap { YAMLFields.text($0, "behind", &problems) },
                    source: fields.needed("source", of: "a sample", &problems) ?? ""))
        }
    }

    private mutating func transport(_ fields: YAMLFields) -> HeardMessage.Transport? {
        switch fields.text("transport", &problems) {
        case "udp": return .udp
        case "tcp": return .tcp
        case nil: return nil
        case .some(let word):
            problems.note(fields["transport"], Words.unknown("transport", word, known: ["tcp", "udp"]))
            return nil
        }
    }
}
