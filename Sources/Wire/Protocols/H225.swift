/// H.225.0: which message of H.323 call signalling or of a gatekeeper's registration and admission this is. Of the
/// packed encoding only the outermost choice is read; it says all that a call's life needs.
///
/// Reference: ITU-T H.225.0 annex H (the ASN.1), X.691 sections 11.6, 19 and 23 (aligned PER of sequences and choices).
public enum H225 {
    public enum Field {
        /// Call signalling: the choice's index and its name, `setup`, `connect`, `releaseComplete`.
        public static let messageBody: FieldName = "message-body"
        public static let message: FieldName = "message"
        /// Gatekeeper (RAS): the choice's index; `message` has its name, `registrationRequest`, `admissionReject`.
        public static let ras: FieldName = "ras"
    }

    public static let fields: [FieldName] = [Field.messageBody, Field.message, Field.ras]

    /// `h323-message-body`: seven alternatives, and six behind the extension mark.
    static let bodies = [
        "setup", "callProceeding", "connect", "alerting", "information", "releaseComplete", "facility",
        "progress", "empty", "status", "statusInquiry", "setupAcknowledge", "notify",
    ]
    static let bodyRoot = 7

    /// `RasMessage`: 25 alternatives, and eight behind the extension mark.
    static let rasMessages = [
        "gatekeeperRequest", "gatekeeperConfirm", "gatekeeperReject", "registrationRequest", "registrationConfirm",
        "registrationReject", "unregistrationRequest", "unregistrationConfirm", "unregistrationReject",
        "admissionRequest", "admissionConfirm", "admissionReject", "bandwidthRequest", "bandwidthConfirm",
        "bandwidthReject", "disengageRequest", "disengageConfirm", "disengageReject", "locationRequest",
        "locationConfirm", "locationReject", "infoRequest", "infoRequestResponse", "nonStandardMessage",
        "unknownMessageResponse", "requestInProgress", "resourcesAvailableIndicate", "resourcesAvailableConfirm",
        "infoRequestAck", "infoRequestNak", "serviceControlIndication", "serviceControlResponse",
        "admissionConfirmSequence",
    ]
    static let rasRoot = 25

    /// The message in a Q.931 message's User-User element, or nothing.
    public static func messages(in message: borrowing Message) -> [Message] {
        let body = message.body
        guard body.count >= 2 else { return [] }
        var bits = Bits()
        let bytes = body.span.bytes
        // H323-UserInformation: extension, user-data present. H323-UU-PDU: extension, nonStandardData present.
        bits.index = 4
        guard let choice = bits.choice(bytes, rootBits: 3, root: bodyRoot), bodies.indices.contains(choice) else {
            return []
        }
        var inner = Message(.h225)
        inner.add(Field.messageBody, integer: choice)
        inner.add(Field.message, text: bodies[choice])
        return [inner]
    }

    /// The choices that one row of counts is made of; tshark has none for RAS.
    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let choice = message.text(Field.messageBody) else { return [] }
        return [("message-body", choice)]
    }

    /// A User-User body of that choice, cut behind it; `nil` for an unknown name.
    public static func encodeBody(_ name: String) -> [UInt8]? {
        guard let choice = bodies.firstIndex(of: name) else { return nil }
        if choice < bodyRoot { return [0x20 | UInt8(choice), 0] }
        let small = UInt16(choice - bodyRoot)
        let bits = 0x2800 | small << 4
        return [UInt8(bits >> 8), UInt8(bits & 255)]
    }

    /// Bits from the most significant on.
    fileprivate struct Bits {
        var index = 0

        private mutating func take(_ bytes: borrowing RawSpan, _ count: Int) -> Int? {
            guard index + count <= 8 * bytes.byteCount else { return nil }
            var value = 0
            for _ in 0..<count {
                value = value << 1 | Int(bytes.octet(index >> 3) >> UInt8(7 - index & 7)) & 1
                index += 1
            }
            return value
        }

        /// X.691 section 23: the extension mark, then a root index, or a normally small number (section 11.6).
        mutating func choice(_ bytes: borrowing RawSpan, rootBits: Int, root: Int) -> Int? {
            guard let isExtended = take(bytes, 1) else { return nil }
            if isExtended == 0 {
                guard let choice = take(bytes, rootBits), choice < root else { return nil }
                return choice
            }
            guard take(bytes, 1) == 0, let small = take(bytes, 6) else { return nil }
            return root + small
        }
    }
}

/// Registration, admission and status between a terminal and its gatekeeper: one message per datagram, UDP ports 1718
/// and 1719.
public struct H225RASDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .h225 }
    public static var fields: [FieldName] { H225.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        var bits = H225.Bits()
        guard bytes.byteCount >= 4, let choice = bits.choice(bytes, rootBits: 5, root: H225.rasRoot),
            H225.rasMessages.indices.contains(choice)
        else { throw ParseError(.application, .malformed) }
        var message = Message(.h225)
        message.add(H225.Field.ras, integer: choice)
        message.add(H225.Field.message, text: H225.rasMessages[choice])
        return .message(message, consumed: bytes.byteCount)
    }
}
