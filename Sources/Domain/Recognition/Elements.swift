import Wire

/// A body that is a list: each element is read as if it had come alone.
enum Elements {
    static let limit = 256

    /// The elements of the list at `path` (`json`, `json.events`): their fields stand where the list stood, and what is
    /// beside the list is in each of them. `nil` if there is no list.
    static func split(_ message: Message, at path: String) -> [Message]? {
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
        guard !elements.isEmpty else { return nil }
        return elements.map { element in
            var out = Message(message.protocolName)
            for (name, value) in element.fields { out.add(name, value) }
            for (name, value) in beside { out.add(name, value) }
            return out
        }
    }
}
