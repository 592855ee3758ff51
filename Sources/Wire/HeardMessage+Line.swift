extension HeardMessage {
    /// One line of JSON: time (RFC 3339, UTC, nanoseconds), protocol, transport, source, destination, VLAN, fields.
    ///
    /// A field that the message has several times is a list. Bodies are left out: they may be large, binary or
    /// private. Most secrets never become fields; those that do (`Protocols.isSecret`) are shown as `redacted`.
    public var line: String { line(showingSecrets: false) }

    /// The same; with `showingSecrets` nothing is redacted.
    public func line(showingSecrets: Bool) -> String {
        var out = "{\"time\":\"\(at.rfc3339)\",\"protocol\":\"\(message.protocolName.rawValue)\""
        out += ",\"transport\":\"\(transport.rawValue)\",\"source\":\"\(source)\",\"destination\":\"\(target)\""
        if let vlan { out += ",\"vlan\":\(vlan)" }
        if let innerVLAN { out += ",\"vlan.inner\":\(innerVLAN)" }
        out += ",\"fields\":{"
        var names: [FieldName] = []
        var values: [FieldName: [FieldValue]] = [:]
        for (name, value) in message.fields {
            if values[name] == nil { names.append(name) }
            let isHidden = !showingSecrets && Protocols.isSecret(name, of: message.protocolName)
            values[name, default: []].append(isHidden ? .text("redacted") : value)
        }
        for (index, name) in names.enumerated() {
            if index > 0 { out += "," }
            let list = (values[name] ?? []).map(Self.literal)
            out += Self.literal(.text(name.rawValue)) + ":"
            out += list.count == 1 ? list.joined() : "[" + list.joined(separator: ",") + "]"
        }
        return out + "}}"
    }

    private static func literal(_ value: FieldValue) -> String {
        switch value {
        case .integer(let value): return String(value)
        case .boolean(let value): return value ? "true" : "false"
        // JSON has no infinities (RFC 8259 section 6).
        case .decimal(let value): return value.isFinite ? String(value) : "null"
        case .text(let text):
            var out = "\""
            for scalar in text.unicodeScalars {
                switch scalar {
                case "\"": out += "\\\""
                case "\\": out += "\\\\"
                case "\n": out += "\\n"
                case "\r": out += "\\r"
                case "\t": out += "\\t"
                case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                    let code = String(scalar.value, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - code.count) + code
                default: out.unicodeScalars.append(scalar)
                }
            }
            return out + "\""
        }
    }
}

extension Timestamp {
    /// `2026-11-10T07:31:02.104000000Z`.
    public var rfc3339: String {
        let fraction = ((nanoseconds % 1_000_000_000) + 1_000_000_000) % 1_000_000_000
        let digits = String(fraction)
        return CivilTime(self).rfc3339.dropLast(4) + String(repeating: "0", count: 9 - digits.count) + digits + "Z"
    }
}
