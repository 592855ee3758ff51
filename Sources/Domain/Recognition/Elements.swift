import Wire

/// A body that is a list: each element is read as if it had come alone.
enum Elements {
    static let limit = 256

    /// The elements of the list at `path` (`json`, `json.events`): their fields stand where the list stood, and what is
    /// beside the list is in each of them. `nil` if there is no list.
    ///
    /// A path that ends in a star (`json.cameras.*`) means the members of an object: each is an element, whose name is
    /// its field `json.cameras.key`.
    static func split(_ message: Message, at path: String) -> [Message]? {
        if path.hasSuffix(".*") { return members(message, of: String(path.dropLast(2))) }
        let prefix = path + "."
        var elements: [(index: Int, fields: [(FieldName, FieldValue)])] = []
        var beside: [(FieldName, FieldValue)] = []
        for (name, value) in message.fields {
            guard name.rawValue.hasPrefix(prefix) else {
                beside.append((name, value))
                continue
            }
            let rest = name.rawValue.dropFirst(prefix.count)
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let tail = rest.dropFirst(digits.count)
            guard !digits.isEmpty, digits.count <= 6, let index = Int(digits), tail.isEmpty || tail.hasPrefix(".")
            else {
                beside.append((name, value))
                continue
            }
            if elements.last?.index != index {
                if elements.count >= limit { break }
                elements.append((index, []))
            }
            elements[elements.count - 1].fields.append((FieldName(path + String(tail)), value))
        }
        return messages(message.protocolName, elements.map(\.fields), beside)
    }

    private static func members(_ message: Message, of path: String) -> [Message]? {
        let prefix = path + "."
        var elements: [(key: String, fields: [(FieldName, FieldValue)])] = []
        var beside: [(FieldName, FieldValue)] = []
        for (name, value) in message.fields {
            guard name.rawValue.hasPrefix(prefix) else {
                beside.append((name, value))
                continue
            }
            let rest = name.rawValue.dropFirst(prefix.count)
            let key = String(rest.prefix { $0 != "." })
            if elements.last?.key != key {
                if elements.count >= limit { break }
                elements.append((key, [(FieldName(prefix + "key"), .text(key))]))
            }
            elements[elements.count - 1].fields.append((FieldName(path + rest.dropFirst(key.count)), value))
        }
        return messages(message.protocolName, elements.map(\.fields), beside)
    }

    private static func messages(
        _ name: ProtocolName, _ elements: [[(FieldName, FieldValue)]], _ beside: [(FieldName, FieldValue)]
    ) -> [Message]? {
        guard !elements.isEmpty else { return nil }
        return elements.map { fields in
            var out = Message(name)
            for (name, value) in fields { out.add(name, value) }
            for (name, value) in beside { out.add(name, value) }
            return out
        }
    }
}
