import Wire

/// Where a value comes from: a field of the message or a hole of a pattern that matched.
enum Reference: Hashable, Sendable {
    case field(FieldName)
    /// `varbind.1.3.6.1.2.1.2.2.1.1.*`: the first field whose name begins so.
    case below([UInt8])
    case captured(Int)
    /// One of the profile's named values, by its place in the group's.
    case named(Int)
}

/// Text with values in it: `{pair.ticket}`, `{callID|hash}`, `{ticketNumber,ticket_no|upper}`, `cam-{channel|add:1}`.
/// Names divided by commas are tried in order. A value that is absent makes the whole template absent.
struct Template: Hashable, Sendable {
    enum Filter: Hashable, Sendable {
        /// FNV-1a, 64 bits, of the bytes as 16 lower-case hex digits: an identity without its content.
        case hash
        case upper, lower
        /// `TicketCalled`, `TICKET_CALLED` and `ticket.called` are all `ticket-called`.
        case kebab
        /// The opposite of `true`, `false`, `1`, `0`.
        case not
        case map(DeviceProfile.ValueMap)
        /// A whole number plus a constant (channel = index + 1).
        case add(Int64)
        /// A moment; only where the payload wants one.
        case time(StampFormat)

        static let words = ["add:N", "hash", "kebab", "lower", "map:NAME", "not", "time:FORMAT", "upper"]
    }

    enum Piece: Hashable, Sendable {
        case literal(String)
        case value([Reference], [Filter])
    }

    let pieces: [Piece]
    /// Most templates are one value as it stands.
    private let only: Reference?

    /// `resolve` turns a name into a reference or throws what is wrong with it.
    init(
        _ text: String, maps: [DeviceProfile.ValueMap],
        privacy: (String) -> DeviceProfile.Privacy.Treatment = { _ in .keep },
        resolve: (String) throws(Problem) -> Reference
    ) throws(Problem) {
        var pieces: [Piece] = []
        for piece in try Pieces.split(text) {
            switch piece {
            case .literal(let literal): pieces.append(.literal(literal))
            case .hole(let content):
                let parts = content.split(separator: "|", omittingEmptySubsequences: false).map { $0.withoutEnds }
                var references: [Reference] = []
                var isPrivate = false
                for name in (parts.first ?? "").split(separator: ",", omittingEmptySubsequences: false) {
                    let name = name.withoutEnds
                    references.append(try resolve(name))
                    switch privacy(name) {
                    case .keep: break
                    case .hash: isPrivate = true
                    case .drop: throw Problem("'\(Words.shown(name))' is dropped by 'privacy'; no event may hold it")
                    }
                }
                var filters: [Filter] = []
                for word in parts.dropFirst() { filters.append(try Self.filter(word, maps: maps)) }
                // A word of a map is the profile's own and tells nobody's name.
                if isPrivate, !filters.contains(where: { $0 == .hash || $0.isMap }) { filters.append(.hash) }
                pieces.append(.value(references, filters))
            }
        }
        if pieces.count > 16 { throw Problem("more than 16 pieces in one template") }
        for piece in pieces {
            guard case .value(_, let filters) = piece, filters.contains(where: \.isTime) else { continue }
            if pieces.count > 1 { throw Problem("'time:' must be all of its template") }
            if filters.last?.isTime == false { throw Problem("'time:' comes last") }
        }
        self.pieces = pieces
        if case .value(let references, let filters)? = pieces.first, pieces.count == 1, references.count == 1,
            filters.isEmpty
        {
            only = references[0]
        } else {
            only = nil
        }
    }

    private static func filter(_ word: String, maps: [DeviceProfile.ValueMap]) throws(Problem) -> Filter {
        let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let argument = parts.count > 1 ? parts[1] : nil
        switch (parts.first ?? "", argument) {
        case ("hash", nil): return .hash
        case ("upper", nil): return .upper
        case ("lower", nil): return .lower
        case ("kebab", nil): return .kebab
        case ("not", nil): return .not
        case ("add", let number?):
            guard let value = Int64(number), abs(value) <= 1_000_000 else {
                throw Problem("'add:\(number)' needs a whole number up to 1000000")
            }
            return .add(value)
        case ("map", let name?):
            guard let map = maps.first(where: { $0.name == name }) else {
                throw Problem(unknown: "map", name, known: maps.map(\.name))
            }
            return .map(map)
        case ("time", let name?):
            do throws(StampFormatError) {
                return .time(try StampFormat(name))
            } catch {
                throw Problem(error.message)
            }
        default: throw Problem(unknown: "filter", word, known: Filter.words)
        }
    }

    /// The text of a template without values in it.
    var constant: String? {
        var out = ""
        for piece in pieces {
            guard case .literal(let literal) = piece else { return nil }
            out += literal
        }
        return out
    }

    /// Whether it gives a moment and no text.
    var isMoment: Bool {
        if case .value(_, let filters)? = pieces.last { filters.last?.isTime == true } else { false }
    }

    var references: [Reference] {
        pieces.flatMap { piece -> [Reference] in
            if case .value(let references, _) = piece { references } else { [] }
        }
    }

    /// Cleaned; empty text counts as absent.
    func text(_ reading: borrowing Reading) -> String? {
        if let only {
            guard let text = reading.text(only).map({ CleanText.clean($0) }), !text.isEmpty else { return nil }
            return text
        }
        var out = ""
        for piece in pieces {
            switch piece {
            case .literal(let literal): out += literal
            case .value(let references, let filters):
                guard let raw = reading.first(references), let value = Self.apply(filters, raw) else { return nil }
                if pieces.count == 1 { out = value } else { out += value }
            }
        }
        let clean = CleanText.clean(out)
        return clean.isEmpty ? nil : clean
    }

    func value(_ reading: borrowing Reading, clock: OfficeClock, heard: Instant) -> EventKind.PayloadValue? {
        if case .value(let references, let filters)? = pieces.first, case .time(let format)? = filters.last {
            guard let raw = reading.first(references), let text = Self.apply(filters.dropLast(), raw) else {
                return nil
            }
            return format.instant(of: text, clock: clock, heard: heard).map { .instant($0) }
        }
        return text(reading).map { .text($0) }
    }

    /// The text that the template's time is read from.
    func said(_ reading: borrowing Reading) -> String? {
        guard case .value(let references, let filters)? = pieces.last, let raw = reading.first(references) else {
            return nil
        }
        return Self.apply(filters.dropLast(), raw)
    }

    static func apply(_ filters: some Sequence<Filter>, _ raw: String) -> String? {
        var text = raw
        for filter in filters {
            switch filter {
            case .hash: text = FNV1a.hex(text.utf8)
            case .upper: text = text.uppercased()
            case .lower: text = text.lowercased()
            case .kebab: text = kebab(text)
            case .not:
                switch text.lowercased() {
                case "true", "1": text = "false"
                case "false", "0": text = "true"
                default: return nil
                }
            case .map(let map):
                guard let found = map.entries.first(where: { $0.key == text })?.template ?? map.otherwise
                else { return nil }
                text = found
            case .add(let number):
                guard let value = Int64(text) else { return nil }
                let (sum, overflow) = value.addingReportingOverflow(number)
                if overflow { return nil }
                text = String(sum)
            case .time: return nil
            }
        }
        return text
    }
}

extension Template {
    /// Small letters, a hyphen where a new word begins: at a capital after a small letter or a digit, and for whatever is
    /// neither letter nor digit.
    static func kebab(_ text: String) -> String {
        var out = ""
        var isInside = false
        var wasSmall = false
        for character in text {
            let isWord = character.isLetter || character.isNumber
            if isWord {
                if !out.isEmpty, !isInside || wasSmall && character.isUppercase { out += "-" }
                out += character.lowercased()
            }
            isInside = isWord
            wasSmall = isWord && !character.isUppercase
        }
        return out
    }
}

extension Substring {
    /// Without blanks at its ends.
    fileprivate var withoutEnds: String {
        var text = self
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}

extension Template.Filter {
    var isTime: Bool { if case .time = self { true } else { false } }
    var isMap: Bool { if case .map = self { true } else { false } }
}

/// FNV-1a, 64 bits (draft-eastlake-fnv): names a thing without saying it. No protection against guessing.
public enum FNV1a {
    public static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash
    }

    /// 16 lower-case hex digits.
    public static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = String(hash(bytes), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
