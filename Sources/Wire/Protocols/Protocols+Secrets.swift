// What must not be shown: passwords, digests, tokens, and what names a person. The rule lives beside the registry, so
// that whoever prints, stores or exports fields asks one place.
extension Protocols {
    /// Fields of a protocol that hold a secret or name a person, where a decoder lets them out at all. Names ending in
    /// `.*` are open sets, as in `fields(of:)`.
    ///
    /// Output shows `redacted` in their place unless told otherwise (``HeardMessage/line(showingSecrets:)``). Most
    /// secrets need no line here, because they never become fields: credentials in HTTP, RTSP and SIP headers, users
    /// of SIP addresses.
    public static func secretFields(of name: ProtocolName) -> [FieldName] {
        switch name {
        case .isapi: ISAPI.secretFields
        case .dahua: Dahua.secretFields
        // What is printed for a citizen.
        case .escpos: ["line.*"]
        default: []
        }
    }

    /// Whether a field's value must be hidden: it is one of the protocol's `secretFields`, or the last part of its name
    /// says so, whatever the protocol (`json.user.password`, `query.token`): bodies are taken apart by anybody's names.
    public static func isSecret(_ field: FieldName, of name: ProtocolName) -> Bool {
        for secret in secretFields(of: name) {
            if secret == field { return true }
            let text = secret.rawValue
            if text.hasSuffix(".*"), field.rawValue.hasPrefix(text.dropLast()) { return true }
        }
        // Whether SNMP's third version proves who speaks is no secret.
        if name == .snmp, field == "authenticated" { return false }
        return field.withBytes { name in
            let last = name.lastIndex(of: UInt8(ascii: ".")) ?? 0
            return looksSecret(name.span.bytes, in: last..<name.count)
        }
    }

    /// Whether a word names a secret: of a header, a key, a parameter. Letters are compared without case.
    static func looksSecret(_ bytes: borrowing RawSpan, in range: Range<Int>) -> Bool {
        bytes.containsAny(of: secretWords, in: range)
    }

    private static let secretWords: [StaticString] = [
        "authori", "authenti", "cookie", "token", "secret", "passw", "pwd", "api-key", "apikey", "api_key",
        "signature", "credential", "community", "private-key", "privatekey", "nonce", "digest",
    ]
}
