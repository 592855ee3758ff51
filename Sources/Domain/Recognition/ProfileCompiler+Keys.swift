/// What tells calls, repeated messages and detectors apart, and states that end by themselves.
extension ProfileCompiler {
    mutating func keyed(
        _ rule: DeviceProfile.Rule, _ compiled: inout ProfileProgram.Rule, _ scope: Scope, _ path: [String]
    ) {
        if let pair = rule.pair, let key = template(pair.key, scope, path + ["pair", "key"]) {
            compiled.pair = (pair.edge, key)
        }
        if let once = rule.once {
            compiled.once = template(once, scope, path + ["once"])
            if rule.pair != nil { note(path + ["once"], "a rule has 'once' or 'pair', not both") }
        }
        if let key = rule.key {
            compiled.key = template(key, scope, path + ["key"])
            if rule.pair != nil || rule.once != nil {
                note(path + ["key"], "a rule has 'key' or '\(rule.pair != nil ? "pair" : "once")', not both")
            }
            if let event = rule.event, !EventKind.onOff.contains(event) {
                let known = EventKind.onOff.joined(separator: ", ")
                note(path + ["key"], "\(event) is no state that is on or off; such are \(known)")
            }
        }
        if let expires = rule.expires {
            if let event = rule.event, !EventKind.expiring.contains(event) {
                let known = EventKind.expiring.joined(separator: ", ")
                note(path + ["expires"], "\(event) is no state that can end by itself; such are \(known)")
            }
            compiled.expires = expires
        }
    }
}
