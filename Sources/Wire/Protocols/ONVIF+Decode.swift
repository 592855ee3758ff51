extension ONVIF {
    public static let notificationLimit = 512
    static let depthLimit = 64

    /// The notifications in the SOAP body of an HTTP message, in their order, each one a message of protocol `onvif`.
    ///
    /// Anything else gives none: other bodies, SOAP faults, empty pulls (the usual answer), pages in HTML. Of a body that
    /// is torn or not well-formed the notifications before the fault are given.
    public static func messages(in message: borrowing Message) -> [Message] {
        guard message.protocolName == .http, message.bodyRange.count >= 32 else { return [] }
        let body = message.body
        return notifications(body.span.bytes)
    }

    /// The same for XML that came some other way, such as a metadata stream.
    public static func notifications(_ bytes: borrowing RawSpan) -> [Message] {
        // Only XML: a byte order mark and blanks may come first.
        let start = bytes.skip(from: bytes.holds("\u{FEFF}", at: 0) ? 3 : 0, to: bytes.byteCount, while: \.isTextBlank)
        guard bytes.octet(start) == UInt8(ascii: "<") else { return [] }
        var walk = Walk()
        var scanner = XMLScanner(count: bytes.byteCount)
        while walk.out.count < notificationLimit, let token = try? scanner.next(bytes), token != .end {
            walk.take(token, bytes)
        }
        return walk.out
    }

    private enum Part { case none, notification, topic, message, source, key, data, item, other }

    private struct Walk {
        private(set) var out: [Message] = []
        private var stack: [(part: Part, name: Range<Int>)] = []
        private var ignored = 0

        init() { stack.reserveCapacity(16) }

        private var current: Message?
        /// The topic's text: one stretch of the body as it stands, nearly always, or put together of several.
        private var topic: Range<Int>?
        private var madeTopic: String?
        private var hasTopic = false

        mutating func take(_ token: XMLScanner.Token, _ bytes: borrowing RawSpan) {
            switch token {
            case .open(let name, let attributes, let isEmpty):
                open(name, attributes, bytes)
                if isEmpty { close(name, bytes) }
            case .close(let name): close(name, bytes)
            case .text(let range, let raw):
                if stack.last?.part == .topic { addTopic(range, raw: raw, bytes) }
            case .end: break
            }
        }

        private mutating func open(_ name: Range<Int>, _ attributes: Range<Int>, _ bytes: borrowing RawSpan) {
            guard stack.count < depthLimit else {
                ignored += 1
                return
            }
            let part = self.part(name, bytes)
            stack.append((part, name))
            switch part {
            case .notification:
                current = Message(.onvif)
                topic = nil
                madeTopic = nil
                hasTopic = false
            case .message:
                if let time = XMLScanner.attribute("UtcTime", bytes, in: attributes) {
                    finishTopic(bytes)
                    add(Field.utcTime, bytes.trimmed(time), bytes)
                    if let operation = XMLScanner.attribute("PropertyOperation", bytes, in: attributes) {
                        add(Field.operation, bytes.trimmed(operation), bytes)
                    }
                }
            case .item:
                guard let container, let item = XMLScanner.attribute("Name", bytes, in: attributes),
                    let value = XMLScanner.attribute("Value", bytes, in: attributes)
                else { return }
                if XMLScanner.isPlain(bytes, item), XMLScanner.isPlain(bytes, value) {
                    current?.add(container, copyingName: item, value, of: copy bytes)
                } else {
                    let name = "\(container)\(XMLScanner.text(bytes, item))"
                    current?.add(FieldName(name), text: XMLScanner.text(bytes, value))
                }
            case .none, .topic, .source, .key, .data, .other: break
            }
        }

        private mutating func add(_ name: FieldName, _ value: Range<Int>, _ bytes: borrowing RawSpan) {
            if XMLScanner.isPlain(bytes, value) {
                current?.add(name, copying: value, of: copy bytes)
            } else {
                current?.add(name, text: XMLScanner.text(bytes, value))
            }
        }

        /// `source.`, `key.` or `data.`: the innermost of them that is open.
        private var container: StaticString? {
            for index in stack.indices.reversed() {
                switch stack[index].part {
                case .source: return "source."
                case .key: return "key."
                case .data: return "data."
                case .none, .notification, .topic, .message, .item, .other: continue
                }
            }
            return nil
        }

        private func part(_ name: Range<Int>, _ bytes: borrowing RawSpan) -> Part {
            let at = name.lowerBound
            if name.count == 19, bytes.holds("NotificationMessage", at: at) { return .notification }
            guard current != nil else { return .none }
            switch name.count {
            case 3 where bytes.holds("Key", at: at): return .key
            case 4 where bytes.holds("Data", at: at): return .data
            case 5 where bytes.holds("Topic", at: at): return .topic
            case 6 where bytes.holds("Source", at: at): return .source
            case 7 where bytes.holds("Message", at: at): return .message
            case 10 where bytes.holds("SimpleItem", at: at): return .item
            default: return .other
            }
        }

        private mutating func addTopic(_ range: Range<Int>, raw: Bool, _ bytes: borrowing RawSpan) {
            if topic == nil, madeTopic == nil, raw || XMLScanner.isPlain(bytes, range) {
                topic = range
                return
            }
            if madeTopic == nil { madeTopic = topic.map { bytes.text($0) } ?? "" }
            madeTopic?.append(raw ? bytes.text(range) : XMLScanner.text(bytes, range))
        }

        private mutating func finishTopic(_ bytes: borrowing RawSpan) {
            guard current != nil, !hasTopic else { return }
            if madeTopic == nil, let topic {
                let word = bytes.trimmed(topic)
                if word.isEmpty { return }
                if bytes.skip(from: word.lowerBound, to: word.upperBound, while: { !$0.isTextBlank })
                    == word.upperBound
                {
                    hasTopic = true
                    current?.add(Field.topic, copying: word, of: copy bytes)
                    return
                }
            }
            let words = (madeTopic ?? topic.map { bytes.text($0) } ?? "").utf8.split(whereSeparator: \.isTextBlank)
            if words.isEmpty { return }
            hasTopic = true
            current?.add(Field.topic, text: words.map { String(Substring($0)) }.joined(separator: " "))
        }

        private mutating func close(_ name: Range<Int>, _ bytes: borrowing RawSpan) {
            if ignored > 0 {
                ignored -= 1
                return
            }
            // A close tag that nothing opened is passed over; one that leaves others open closes them.
            guard let match = stack.indices.reversed().first(where: { same(stack[$0].name, name, bytes) }) else {
                return
            }
            while stack.count > match {
                guard let (part, _) = stack.popLast(), part == .notification else { continue }
                finishTopic(bytes)
                if hasTopic, let current { out.append(current) }
                current = nil
            }
        }

        private func same(_ a: Range<Int>, _ b: Range<Int>, _ bytes: borrowing RawSpan) -> Bool {
            guard a.count == b.count else { return false }
            for offset in 0..<a.count where bytes.octet(a.lowerBound + offset) != bytes.octet(b.lowerBound + offset) {
                return false
            }
            return true
        }
    }
}
