import Wire

/// A body that is a list: each element is read as if it had come alone.
enum Elements {
    static let limit = 256

    /// The elements of the list at `path` (`json`, `json.events`): their fields stand where the list stood, and what is
    /// beside the list is in each of them. `nil` if there is no list.
    ///
    /// A path that ends in a star (`json.cameras.*`) means the members of an object: each is an element, whose name is
    /// its field `json.cameras.key`.
    ///
    /// - Parameter leftOut: counts the elements beyond the limit.
    static func split(_ message: Message, at path: String, leftOut: inout UInt64) -> [Message]? {
        if path.hasPrefix(DeviceProfile.Body.xml.prefix) { return siblings(message, at: path, &leftOut) }
        let isObject = path.hasSuffix(".*")
        let path = isObject ? String(path.dropLast(2)) : path
        let prefix = path + "."
        var elements: [(key: Substring, fields: [(FieldName, FieldValue)])] = []
        var beside: [(FieldName, FieldValue)] = []
        var passed: Substring?
        for (name, value) in message.fields {
            let rest = name.rawValue.dropFirst(prefix.count)
            let key = rest.prefix { $0 != "." }
            guard name.rawValue.hasPrefix(prefix), isObject || isIndex(key) else {
                beside.append((name, value))
                continue
            }
            if elements.last?.key != key {
                if elements.count >= limit {
                    if passed != key { leftOut &+= 1 }
                    passed = key
                    continue
                }
                elements.append((key, isObject ? [(FieldName(prefix + "key"), .text(String(key)))] : []))
            }
            elements[elements.count - 1].fields.append((FieldName(path + rest.dropFirst(key.count)), value))
        }
        return apart(message, elements.map(\.fields), beside)
    }

    /// The elements of that path in XML: where one begins, and where one that holds them does, is told by the number
    /// that siblings have after the first (`XMLFields`).
    private static func siblings(_ message: Message, at path: String, _ leftOut: inout UInt64) -> [Message]? {
        let prefix = path + "."
        var elements: [[(FieldName, FieldValue)]] = []
        var beside: [(FieldName, FieldValue)] = []
        var isNew = true
        var isPassed = false
        for (name, value) in message.fields {
            let text = name.rawValue
            if text.hasSuffix(".#"), prefix.hasPrefix(text.dropLast()) {
                isNew = true
            } else if text == path || text.hasPrefix(prefix) {
                if isNew {
                    isPassed = elements.count >= limit
                    if isPassed { leftOut &+= 1 } else { elements.append([]) }
                    isNew = false
                }
                if !isPassed { elements[elements.count - 1].append((name, value)) }
            } else {
                beside.append((name, value))
            }
        }
        return apart(message, elements, beside)
    }

    /// Each with what stands beside the list.
    private static func apart(
        _ message: Message, _ elements: [[(FieldName, FieldValue)]], _ beside: [(FieldName, FieldValue)]
    ) -> [Message]? {
        guard !elements.isEmpty else { return nil }
        return elements.map { fields in
            var out = Message(message.protocolName)
            for (name, value) in fields + beside { out.add(name, value) }
            return out
        }
    }

    private static func isIndex(_ key: Substring) -> Bool {
        (1...6).contains(key.utf8.count) && key.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
