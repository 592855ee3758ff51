import Wire

/// A condition, compiled: names resolved, patterns parsed.
indirect enum Check: Hashable, Sendable {
    /// The cheap one: a field of the message itself equals a text; compared without making a `String`.
    case equals(FieldName, String)
    case oneOf(Reference, [String])
    case prefix(Reference, [UInt8])
    case suffix(Reference, [UInt8])
    case contains(Reference, [UInt8])
    case present(Reference, Bool)
    /// Slots of the pattern's holes; `nil` where nobody wants the content.
    case pattern(Reference, Pattern, [Int?])
    case range(Reference, Int64, Int64)
    case all([Check])
    case any([Check])
    case not([Check])

    func holds(_ reading: inout Reading) -> Bool {
        switch self {
        case .equals(let name, let text): return reading.message.equals(name, text)
        case .oneOf(.field(let name), let texts): return texts.contains { reading.message.equals(name, $0) }
        case .oneOf(let reference, let texts):
            reading.workOut(reference)
            guard let text = reading.text(reference) else { return false }
            return texts.contains { $0.utf8.elementsEqual(text.utf8) }
        case .prefix(let reference, let wanted):
            reading.workOut(reference)
            return reading.withBytes(reference) { $0.starts(with: wanted) }
        case .suffix(let reference, let wanted):
            reading.workOut(reference)
            return reading.withBytes(reference) { $0.suffix(wanted.count).elementsEqual(wanted) }
        case .contains(let reference, let wanted):
            reading.workOut(reference)
            return reading.withBytes(reference) { Check.contains($0, wanted) }
        case .present(.field(let name), let isWanted): return reading.message.has(name) == isWanted
        case .present(let reference, let isWanted):
            reading.workOut(reference)
            return (reading.text(reference) != nil) == isWanted
        case .pattern(let reference, let pattern, let slots):
            reading.workOut(reference)
            var found: [ArraySlice<UInt8>]?
            _ = reading.withBytes(reference) {
                found = pattern.match($0)
                return true
            }
            guard let found else { return false }
            for (slot, bytes) in zip(slots, found) {
                if let slot { reading.capture(String(decoding: bytes, as: UTF8.self), in: slot) }
            }
            return true
        case .range(let reference, let low, let high):
            reading.workOut(reference)
            guard let text = reading.text(reference), let value = Int64(text) else { return false }
            return value >= low && value <= high
        case .all(let checks):
            for check in checks where !check.holds(&reading) { return false }
            return true
        case .any(let checks):
            for check in checks where check.holds(&reading) { return true }
            return false
        case .not(let checks):
            for check in checks where !check.holds(&reading) { return true }
            return false
        }
    }

    /// Naive search; `wanted` is a short text of the profile, so the cost stays linear in the message.
    private static func contains(_ text: ArraySlice<UInt8>, _ wanted: [UInt8]) -> Bool {
        guard let first = wanted.first else { return true }
        var index = text.startIndex
        while index + wanted.count <= text.endIndex {
            if text[index] == first, text[index..<index + wanted.count].elementsEqual(wanted) { return true }
            index += 1
        }
        return false
    }

    var references: [Reference] {
        switch self {
        case .equals(let name, _): [.field(name)]
        case .oneOf(let reference, _), .prefix(let reference, _), .suffix(let reference, _),
            .contains(let reference, _), .present(let reference, _), .pattern(let reference, _, _),
            .range(let reference, _, _):
            [reference]
        case .all(let checks), .any(let checks), .not(let checks): checks.flatMap(\.references)
        }
    }

    /// Whether it may take something from the message.
    var captures: Bool {
        switch self {
        case .pattern(_, _, let slots): slots.contains { $0 != nil }
        case .all(let checks), .any(let checks), .not(let checks): checks.contains(where: \.captures)
        default: false
        }
    }

    /// Whether the check is one of the cheapest.
    var isEquality: Bool {
        switch self {
        case .equals, .oneOf(.field, _), .present(.field, _): true
        default: false
        }
    }
}

extension Reading {
    /// `false` if there is no such text.
    func withBytes(_ reference: Reference, _ body: (ArraySlice<UInt8>) -> Bool) -> Bool {
        if case .field(let name) = reference, let bytes = message.textBytes(name) { return body(bytes) }
        guard let text = text(reference) else { return false }
        return body(ArraySlice(text.utf8))
    }
}
