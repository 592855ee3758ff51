/// What a message lacked that a rule's event needs.
public enum Shortcoming: Error, Hashable, Sendable, CustomStringConvertible {
    /// A needed value was not there: no such field, or no word of a map.
    case absent(key: String)
    /// A value was there, and is none of its kind.
    case wrong(key: String, said: String)
    /// The moment at which it was observed is not told.
    case noMoment
    /// The key of `pair` or `once` is not there.
    case noKey(String)
    /// Nothing tells when it was.
    case noTime

    /// Finds what of an event's needs the values do not give.
    init(_ event: String, _ values: [(key: String, value: EventKind.PayloadValue)]) {
        let needed = EventKind.catalogue.first { $0.name == event }?.keys.filter { !$0.hasSuffix("?") } ?? []
        for key in needed where !values.contains(where: { $0.key == key }) {
            self = .absent(key: key)
            return
        }
        // All are there, so one of them is not what it must be: a number, or true or false.
        let key = needed.first { $0 != "number" && $0 != "id" && $0 != "code" && $0 != "zone" } ?? needed.first ?? ""
        var said = ""
        if case .text(let text)? = values.first(where: { $0.key == key })?.value { said = text }
        self = .wrong(key: key, said: said)
    }

    public var description: String {
        switch self {
        case .absent: start + ": no such field in the message, or no such word in the map"
        case .wrong, .noKey: start
        case .noMoment: start + ": it is absent, or no time of that format"
        case .noTime: start + ": 'stamped' is absent, or no time of that format"
        }
    }

    /// What is lacking, without why.
    var start: String {
        switch self {
        case .absent(let key): "'\(key)' is absent"
        case .wrong(let key, let said):
            "'\(key)' is '\(Words.shown(said))', and must be \(EventKind.valueKind(of: key).words)"
        case .noMoment: "'observed' tells no time"
        case .noKey(let word): "the key of '\(word)' is absent"
        case .noTime: "there is no time in it"
        }
    }
}
