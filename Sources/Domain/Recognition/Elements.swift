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
        guard !elements.isEmpty else { return nil }
        return elements.map { element in
            var out = Message(message.protocolName)
            for (name, value) in element.fields { out.add(name, value) }
            for (name, value) in beside { out.add(name, value) }
            return out
        }
    }

    private static func isIndex(_ key: Substring) -> Bool {
        (1...6).contains(key.utf8.count) && key.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
