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

    private enum Part { case none, notification, topic, message, source, key, data, other }

    private struct Walk {
        private(set) var out: [Message] = []
        private var stack: [(part: Part, name: Range<Int>)] = []
        private var ignored = 0

        init() { stack.reserveCapacity(16) }

        private var current: Message?
        private var topic = ""

        mutating func take(_ token: XMLScanner.Token, _ bytes: borrowing RawSpan) {
            switch token {
            case .open(let name, let attributes, let isEmpty):
                open(name, attributes, bytes)
                if isEmpty { close(name, bytes) }
            case .close(let name): close(name, bytes)
            case .text(let range, let raw):
                if stack.last?.part == .topic { topic += raw ? bytes.text(range) : XMLScanner.text(bytes, range) }
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
                topic = ""
            case .message:
                if let time = XMLScanner.attribute("UtcTime", bytes, in: attributes) {
                    finishTopic()
                    current?.add(Field.utcTime, text: XMLScanner.text(bytes, bytes.trimmed(time)))
                    if let operation = XMLScanner.attribute("PropertyOperation", bytes, in: attributes) {
                        current?.add(Field.operation, text: XMLScanner.text(bytes, bytes.trimmed(operation)))
                    }
                }
            case .other:
                guard equals("SimpleItem", name, bytes), let container,
                    let item = XMLScanner.attribute("Name", bytes, in: attributes),
                    let value = XMLScanner.attribute("Value", bytes, in: attributes)
                else { return }
                current?.add(
                    FieldName(container + XMLScanner.text(bytes, item)), text: XMLScanner.text(bytes, value))
            case .none, .topic, .source, .key, .data: break
            }
        }

        /// `source.`, `key.` or `data.`: the innermost of them that is open.
        private var container: String? {
            for (part, _) in stack.reversed() {
                switch part {
                case .source: return "source."
                case .key: return "key."
                case .data: return "data."
                case .none, .notification, .topic, .message, .other: continue
                }
            }
            return nil
        }

        private func part(_ name: Range<Int>, _ bytes: borrowing RawSpan) -> Part {
            if equals("NotificationMessage", name, bytes) { return .notification }
            guard current != nil else { return .none }
            if equals("Topic", name, bytes) { return .topic }
            if equals("Message", name, bytes) { return .message }
            if equals("Source", name, bytes) { return .source }
            if equals("Key", name, bytes) { return .key }
            if equals("Data", name, bytes) { return .data }
            return .other
        }

        private func equals(_ text: StaticString, _ name: Range<Int>, _ bytes: borrowing RawSpan) -> Bool {
            name.count == text.utf8CodeUnitCount && bytes.holds(text, at: name.lowerBound)
        }

        private mutating func finishTopic() {
            guard current?.has(Field.topic) == false else { return }
            let words = topic.utf8.split(whereSeparator: \.isTextBlank)
            if words.count == 1, let word = words.first {
                current?.add(Field.topic, text: Substring(word))
            } else if !words.isEmpty {
                current?.add(Field.topic, text: words.map { String(Substring($0)) }.joined(separator: " "))
            }
        }

        private mutating func close(_ name: Range<Int>, _ bytes: borrowing RawSpan) {
            if ignored > 0 {
                ignored -= 1
                return
            }
            // A close tag that nothing opened is passed over; one that leaves others open closes them.
            guard let match = stack.lastIndex(where: { same($0.name, name, bytes) }) else { return }
            while stack.count > match {
                guard let (part, _) = stack.popLast(), part == .notification else { continue }
                finishTopic()
                if let current, current.has(Field.topic) { out.append(current) }
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
