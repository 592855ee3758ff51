/// Q.931 as H.323 uses it: calls of older meeting systems being set up and released.
///
/// Reference: ITU-T Q.931 section 4 (message format), H.225.0 section 7.2 (which of it is used), RFC 1006 section 6
/// (TPKT framing on TCP port 1720).
///
/// Display text and the numbers of caller and called are about persons, and not read.
public enum Q931 {
    public enum Field {
        /// As tshark writes it: `0x05`.
        public static let messageType: FieldName = "message-type"
        /// `SETUP`, `CALL PROCEEDING`, `ALERTING`, `CONNECT`, `RELEASE COMPLETE` and so on.
        public static let message: FieldName = "message"
        /// The call's number on this connection, and whether the caller's side says this.
        public static let callReference: FieldName = "call-reference"
        public static let fromCaller: FieldName = "from-caller"
        /// Why a call ended or does not come about (ITU-T Q.850): 16 is normal, 17 busy.
        public static let cause: FieldName = "cause"
        public static let causeName: FieldName = "cause-name"
        /// The information elements are damaged behind what the other fields say.
        public static let malformed: FieldName = "malformed"
    }

    public static let fields: [FieldName] = [
        Field.messageType, Field.message, Field.callReference, Field.fromCaller, Field.cause, Field.causeName,
        Field.malformed,
    ]

    /// The longest TPKT that a length of two bytes allows.
    public static let packetLimit = 65_535

    /// Q.931 table 4-2.
    static func messageName(_ type: UInt8) -> String? {
        switch type {
        case 0x01: "ALERTING"
        case 0x02: "CALL PROCEEDING"
        case 0x03: "PROGRESS"
        case 0x05: "SETUP"
        case 0x07: "CONNECT"
        case 0x0D: "SETUP ACKNOWLEDGE"
        case 0x0F: "CONNECT ACKNOWLEDGE"
        case 0x20: "USER INFORMATION"
        case 0x45: "DISCONNECT"
        case 0x4D: "RELEASE"
        case 0x5A: "RELEASE COMPLETE"
        case 0x62: "FACILITY"
        case 0x6E: "NOTIFY"
        case 0x75: "STATUS ENQUIRY"
        case 0x7B: "INFORMATION"
        case 0x7D: "STATUS"
        default: nil
        }
    }

    /// Q.850 table 1, those that a call in an office ends with.
    static func causeName(_ cause: UInt8) -> String? {
        switch cause {
        case 1: "unassigned number"
        case 3: "no route to destination"
        case 16: "normal call clearing"
        case 17: "user busy"
        case 18: "no user responding"
        case 19: "no answer"
        case 20: "subscriber absent"
        case 21: "call rejected"
        case 27: "destination out of order"
        case 28: "invalid number format"
        case 31: "normal, unspecified"
        case 34: "no circuit available"
        case 38: "network out of order"
        case 41: "temporary failure"
        case 47: "resource unavailable"
        case 57: "bearer capability not authorized"
        case 88: "incompatible destination"
        case 102: "recovery on timer expiry"
        case 127: "interworking, unspecified"
        default: nil
        }
    }

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let type = message.text(Field.messageType) else { return [] }
        return [("message-type", type)]
    }

    /// A message in its TPKT. `userUser` is an H.225 body for the User-User element.
    public static func encode(
        type: UInt8, callReference: UInt16, fromCaller: Bool = true, cause: UInt8? = nil, userUser: [UInt8]? = nil
    ) -> [UInt8] {
        var body: [UInt8] = [8, 2]
        body += [UInt8(callReference >> 8) & 0x7F | (fromCaller ? 0 : 0x80), UInt8(callReference & 255), type]
        if let cause { body += [0x08, 2, 0x80, 0x80 | cause] }
        if let userUser {
            let length = min(userUser.count + 1, packetLimit - 64)
            body += [0x7E, UInt8(length >> 8), UInt8(length & 255), 5] + userUser.prefix(length - 1)
        }
        let length = body.count + 4
        return [3, 0, UInt8(length >> 8), UInt8(length & 255)] + body
    }
}

/// One direction of a call signalling connection.
public struct Q931Decoder: ProtocolDecoder {
    public static var name: ProtocolName { .q931 }
    public static var fields: [FieldName] { Q931.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        guard bytes.octet(0) == 3 else { throw ParseError(.application, .malformed) }
        guard bytes.byteCount >= 4 else { return .needMore(atLeast: 4) }
        let length = Int(bytes.big16(unchecked: 2))
        // Reserved octet 0; an empty packet keeps the connection alive (H.225.0 section 7.2).
        guard bytes.octet(1) == 0, length >= 4 else { throw ParseError(.application, .malformed, offset: 1) }
        guard bytes.byteCount >= length else { return .needMore(atLeast: length) }
        if length == 4 { return .skip(4) }
        var message = Message(.q931, copying: bytes.extracting(0..<length))
        var reader = ByteReader(from: 4, to: length)
        guard try reader.byte(bytes) == 8 else { throw ParseError(.application, .malformed, offset: 4) }
        let reference = try reader.range(Int(try reader.byte(bytes) & 15))
        let type = try reader.byte(bytes)
        let digits = String(type, radix: 16)
        message.add(Q931.Field.messageType, text: (type < 16 ? "0x0" : "0x") + digits)
        if let name = Q931.messageName(type) { message.add(Q931.Field.message, text: name) }
        if reference.count == 2 {
            let first = bytes.octet(reference.lowerBound)
            let number = Int(first & 0x7F) << 8 | Int(bytes.octet(reference.lowerBound + 1))
            message.add(Q931.Field.callReference, integer: number)
            message.add(Q931.Field.fromCaller, boolean: first & 0x80 == 0)
        }
        do throws(ParseError) {
            while reader.remaining > 0 { try element(bytes, &reader, &message) }
        } catch {
            message.add(Q931.Field.malformed, boolean: true)
        }
        return .message(message, consumed: length)
    }

    /// Section 4.5.1: one octet if the top bit is set, else an identifier and a length; User-User's has two octets in
    /// H.225.0.
    private func element(
        _ bytes: borrowing RawSpan, _ reader: inout ByteReader, _ message: inout Message
    ) throws(ParseError) {
        let identifier = try reader.byte(bytes)
        if identifier & 0x80 != 0 { return }
        let length = identifier == 0x7E ? try reader.uint16(bytes) : Int(try reader.byte(bytes))
        let value = try reader.range(length)
        switch identifier {
        case 0x08: cause(bytes, value, &message)
        case 0x7E where value.count > 1 && bytes.octet(value.lowerBound) == 5:
            // Protocol discriminator 5: X.208 and X.209 coded user information, H.225.0's.
            message.setBody(in: value.lowerBound + 1..<value.upperBound)
        default: break
        }
    }

    /// Q.850 section 2.1: coding and location, with an octet more if its top bit is not set, then the value.
    private func cause(_ bytes: borrowing RawSpan, _ value: Range<Int>, _ message: inout Message) {
        let index = value.lowerBound + (bytes.octet(value.lowerBound) & 0x80 != 0 ? 1 : 2)
        guard index < value.upperBound, !message.has(Q931.Field.cause) else { return }
        let cause = bytes.octet(index) & 0x7F
        message.add(Q931.Field.cause, integer: cause)
        if let name = Q931.causeName(cause) { message.add(Q931.Field.causeName, text: name) }
    }

    /// A TPKT head with Q.931's discriminator and a call reference of two octets behind it.
    public mutating func resynchronise(_ bytes: borrowing RawSpan) -> Int? {
        var from = 0
        while let index = bytes.firstIndex(of: 3, from: from) {
            if bytes.holds("\u{3}\u{0}", at: index), bytes.holds("\u{8}\u{2}", at: index + 4) { return index }
            from = index + 1
        }
        return nil
    }
}
