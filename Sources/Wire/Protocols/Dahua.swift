/// Dahua's event lines, as cameras, recorders and door stations of that make (and Amcrest, Intelbras, KBVision) write
/// them into the endless answer of `eventManager.cgi?action=attach`.
///
/// Reference: Dahua HTTP API, "Subscribe to event message":
/// `Code=VideoMotion;action=Start;index=0;data={…}` and `Heartbeat`. The data's JSON may go over many lines; where it is
/// torn or no JSON at all it is kept as text.
public enum Dahua {
    public enum Field {
        public static let code: FieldName = "code"
        /// `Start`, `Stop` or `Pulse`.
        public static let action: FieldName = "action"
        /// Of the channel, from 0; absent for devices that have none.
        public static let index: FieldName = "index"
        /// The data where it is no JSON.
        public static let dataText: FieldName = "dataText"
        /// True where the data is torn JSON.
        public static let malformed: FieldName = "malformed"
        /// True where the line only says that the device lives.
        public static let heartbeat: FieldName = "heartbeat"
    }

    public static let fields: [FieldName] = [
        Field.code, Field.action, Field.index, Field.dataText, Field.malformed, Field.heartbeat, "data.*",
    ]

    /// Whom a door station or a plate reader saw.
    public static let secretFields: [FieldName] = [
        "data.CardNo", "data.CardName", "data.UserID", "data.UserId", "data.PlateNumber", "data.Object.Text",
        "data.CallID", "data.Person.Name",
    ]

    public static let eventLimit = 256
    static let wordLimit = 64

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let code = message.text(Field.code) else { return [] }
        return [(kind: "code", value: code)]
    }

    /// The events in a text, in their order: each line that begins with `Code=`, with the lines of its data.
    public static func messages(_ bytes: borrowing RawSpan) -> [Message] {
        var out: [Message] = []
        var line = 0
        while line < bytes.byteCount, out.count < eventLimit {
            let start = bytes.skip(from: line, to: bytes.byteCount, while: \.isTextBlank)
            let stop = bytes.firstIndex(of: 10, from: start) ?? bytes.byteCount
            var next = stop + 1
            if bytes.holds("Code=", at: start) {
                let end = self.end(bytes, from: start)
                out.append(event(bytes.extracting(start..<end)))
                next = max(next, end)
            } else if bytes.holds("Heartbeat", at: start), bytes.trimmed(start..<stop).count == 9 {
                var message = Message(.dahua, copying: bytes.extracting(start..<start + 9))
                message.add(Field.heartbeat, boolean: true)
                message.setBody(in: 0..<9)
                out.append(message)
            }
            line = next
        }
        return out
    }

    /// One past the event that begins at `start`: its line, and the lines that its data's braces hold open.
    private static func end(_ bytes: borrowing RawSpan, from start: Int) -> Int {
        var depth = 0
        var inString = false
        var index = start
        while index < bytes.byteCount {
            let byte = bytes.octet(index)
            switch byte {
            case 10:
                // A string of JSON holds no line end: one that does was cut. So is data that another event follows.
                inString = false
                if depth == 0 || bytes.holds("Code=", at: index + 1) || bytes.holds("--", at: index + 1) {
                    return index
                }
            case UInt8(ascii: "\\") where inString: index += 1
            case UInt8(ascii: "\"") where depth > 0: inString.toggle()
            case UInt8(ascii: "{") where !inString: depth += 1
            case UInt8(ascii: "}") where !inString: depth = max(0, depth - 1)
            default: break
            }
            index += 1
        }
        return bytes.byteCount
    }

    private static func event(_ bytes: borrowing RawSpan) -> Message {
        var message = Message(.dahua, copying: bytes)
        let end = bytes.trimmed(0..<bytes.byteCount).upperBound
        message.setBody(in: 0..<end)
        var index = 0
        while index < end {
            let equals = bytes.skip(from: index, to: min(end, index + wordLimit)) {
                $0 != UInt8(ascii: "=") && $0 != 59
            }
            if bytes.octet(equals) == UInt8(ascii: "="), bytes.matches("data", in: bytes.trimmed(index..<equals)) {
                // Everything behind it, since it may hold semicolons.
                data(bytes, bytes.trimmed(equals + 1..<end), &message)
                break
            }
            let stop = bytes.firstIndex(of: 59, from: index, to: end) ?? end
            if bytes.octet(equals) == UInt8(ascii: "="), equals < stop {
                let key = bytes.trimmed(index..<equals)
                let value = bytes.trimmed(equals + 1..<stop)
                switch key.count {
                case 4 where bytes.matches("code", in: key): message.add(Field.code, in: value)
                case 6 where bytes.matches("action", in: key): message.add(Field.action, in: value)
                case 5 where bytes.matches("index", in: key):
                    if let number = bytes.decimal(value) {
                        message.add(Field.index, integer: number)
                    } else if !value.isEmpty {
                        message.add(Field.index, in: value)
                    }
                default: break
                }
            }
            index = stop + 1
        }
        return message
    }

    private static func data(_ bytes: borrowing RawSpan, _ range: Range<Int>, _ message: inout Message) {
        guard !range.isEmpty else { return }
        let isJSON = bytes.octet(range.lowerBound) == UInt8(ascii: "{") || bytes.octet(range.lowerBound) == 91
        guard isJSON else {
            message.add(Field.dataText, in: range)
            return
        }
        do throws(ParseError) {
            try JSONFields.add(range, root: .data, to: &message)
        } catch {
            message.add(Field.dataText, in: range)
            message.add(Field.malformed, boolean: true)
        }
    }

    // MARK: Writing

    /// An event line; `json` is written behind `data=`.
    public static func encode(code: String, action: String, index: Int? = nil, json: String? = nil) -> [UInt8] {
        var text = "Code=\(code);action=\(action)"
        if let index { text += ";index=\(index)" }
        if let json { text += ";data=\(json)" }
        return Array(text.utf8)
    }

    /// An event or `Heartbeat` as a part of the endless answer.
    public static func encodePart(_ line: [UInt8], boundary: String = "myboundary") -> [UInt8] {
        HTTP1.encodePart(line + [13, 10], type: "text/plain", boundary: boundary)
    }
}
