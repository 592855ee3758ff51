internal import Domain
internal import Yams

/// What a profile says about things that last: states that end by themselves, values for later messages, and what may
/// not be kept at all.
extension ProfileReader {
    /// `expires: 30s`.
    mutating func expires(_ fields: YAMLFields) -> Int64? {
        guard let text = fields.text("expires", &problems) else { return nil }
        if let total = DurationText.milliseconds(text), (1...86_400_000).contains(total) { return total }
        problems.note(fields["expires"], "'\(Words.shown(text))' is no duration; write 30s, 10m or 1h30m, at most 24h")
        return nil
    }

    /// `remember: { key: "{json.visitId}", number: "{json.ticket}" }`.
    mutating func remember(_ node: Node?, _ path: [String]) -> DeviceProfile.Remember? {
        guard let node else { return nil }
        note(path, node)
        var key: String?
        var values: [DeviceProfile.Entry] = []
        for (name, keyNode, value) in YAMLFields.pairs(node, "remember", &problems) {
            note(path + [name], keyNode)
            guard let text = YAMLFields.text(value, name, &problems) else { continue }
            if name == "key" { key = text } else { values.append(DeviceProfile.Entry(name, text)) }
        }
        guard let key else {
            problems.note(node, "'remember' needs 'key': what later messages will name")
            return nil
        }
        return DeviceProfile.Remember(key: key, values: values)
    }

    /// `privacy: { json.lastName: drop, json.userId: hash }`.
    mutating func privacy(_ top: YAMLFields) -> [DeviceProfile.Privacy] {
        var out: [DeviceProfile.Privacy] = []
        for (field, keyNode, value) in top.pairs("privacy", &problems) {
            note(["privacy", field], keyNode)
            guard let word = YAMLFields.text(value, field, &problems) else { continue }
            guard let treatment = DeviceProfile.Privacy.Treatment(rawValue: word) else {
                let known = DeviceProfile.Privacy.Treatment.allCases.map(\.rawValue)
                problems.note(value, Words.unknown("treatment", word, known: known))
                continue
            }
            out.append(DeviceProfile.Privacy(field, treatment))
        }
        return out
    }
}
