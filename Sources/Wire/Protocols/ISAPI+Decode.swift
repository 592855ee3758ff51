extension ISAPI {
    private static let root = "EventNotificationAlert"
    /// How far an alert's marks are looked for in a body that may be anything.
    private static let lookLimit = 4_096

    /// Whether the document's first element is an alert. Every body in XML is asked, so attributes are not looked at.
    static func isAlert(_ bytes: borrowing RawSpan) -> Bool {
        let end = min(bytes.byteCount, lookLimit)
        var from = 0
        while let open = bytes.firstIndex(of: UInt8(ascii: "<"), from: from, to: end) {
            let next = bytes.octet(open + 1)
            if bytes.holds("<!--", at: open) {
                var close = open + 4
                while close < end, !bytes.holds("-->", at: close) { close += 1 }
                from = close + 3
            } else if next == UInt8(ascii: "?") || next == UInt8(ascii: "!") {
                from = open + 2
            } else {
                return isAlertTag(bytes, at: open)
            }
        }
        return false
    }

    /// `<EventNotificationAlert`, with or without a prefix.
    private static func isAlertTag(_ bytes: borrowing RawSpan, at open: Int) -> Bool {
        let name = bytes.skip(from: open + 1, to: open + 64) {
            $0.isLetter || $0.isDigit || $0 == UInt8(ascii: ":") || $0 == 95 || $0 == 45
        }
        let start = name - root.utf8.count
        guard start > open, bytes.holds("EventNotificationAlert", at: start) else { return false }
        return start == open + 1 || bytes.octet(start - 1) == UInt8(ascii: ":")
    }

    /// Whether JSON is an alert: it has a state of an event.
    static func isAlertInJSON(_ bytes: borrowing RawSpan) -> Bool {
        var from = 0
        let end = min(bytes.byteCount, lookLimit)
        while let quote = bytes.firstIndex(of: UInt8(ascii: "\""), from: from, to: end) {
            if bytes.holds("\"eventState\"", at: quote) || bytes.holds("\"EventNotificationAlert\"", at: quote) {
                return true
            }
            from = quote + 1
        }
        return false
    }

    /// The alerts in a body, in their order; none for any other body.
    public static func alerts(_ bytes: borrowing RawSpan) -> [Message] {
        let start = bytes.skip(from: bytes.holds("\u{FEFF}", at: 0) ? 3 : 0, to: bytes.byteCount, while: \.isTextBlank)
        switch bytes.octet(start) {
        case UInt8(ascii: "<"): return inXML(bytes)
        case UInt8(ascii: "{"): return inJSON(bytes)
        default: return []
        }
    }

    // MARK: XML

    /// A body may hold several alerts one after the other, and an alert that is broken may hide the next one's start:
    /// each `<EventNotificationAlert` begins an alert.
    private static func inXML(_ bytes: borrowing RawSpan) -> [Message] {
        var starts: [Int] = []
        var from = 0
        while starts.count < alertLimit, let open = bytes.firstIndex(of: UInt8(ascii: "<"), from: from) {
            from = open + 1
            if isAlertTag(bytes, at: open) { starts.append(open) }
        }
        var out: [Message] = []
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : bytes.byteCount
            var message = Message(.isapi, copying: bytes.extracting(start..<end))
            message.setBody(in: 0..<end - start)
            var flat = message
            guard (try? XMLFields.flatten(&flat)) != nil else { continue }
            var facts = Facts()
            for (name, value) in flat.fields {
                if name == "xml.malformed" {
                    facts.isMalformed = true
                } else if name.rawValue.hasPrefix("xml."), name != "xml.root", name != "xml.text", name != "xml.cut" {
                    facts.take(name.rawValue.dropFirst(4), value)
                }
            }
            if let message = facts.message(message) { out.append(message) }
        }
        return out
    }

    // MARK: JSON

    private static func inJSON(_ bytes: borrowing RawSpan) -> [Message] {
        var message = Message(.isapi, copying: bytes)
        message.setBody(in: 0..<bytes.byteCount)
        var flat = message
        do throws(ParseError) { try JSONFields.flatten(&flat) } catch { return [] }
        var facts = Facts()
        for (name, value) in flat.fields where name.rawValue.hasPrefix("json.") {
            var path = name.rawValue.dropFirst(5)
            if path.hasPrefix("EventNotificationAlert.") { path = path.dropFirst(root.utf8.count + 1) }
            facts.take(path, value)
        }
        return facts.message(message).map { [$0] } ?? []
    }

    /// What an alert says, gathered while its leaves go by.
    private struct Facts {
        private var leaves: [(name: Substring, value: FieldValue)] = []
        private var known: [(FieldName, String)] = []
        var isMalformed = false

        mutating func take(_ path: Substring, _ value: FieldValue) {
            leaves.append((path, value))
            let dot = path.utf8.lastIndex(of: UInt8(ascii: "."))
            let leaf = dot.map { path[path.utf8.index(after: $0)...] } ?? path
            let isTop = dot == nil
            switch leaf {
            case "eventType" where isTop: note(Field.eventType, value)
            // An access controller's event holds its own time and state.
            case "eventState": note(Field.eventState, value)
            case "dateTime": note(Field.dateTime, value)
            case "eventDescription" where isTop: note(Field.eventDescription, value)
            case "activePostCount" where isTop: note(Field.activePostCount, value)
            case "dynChannelID" where isTop:
                known.removeAll { $0.0 == Field.channel }
                note(Field.channel, value)
            case "channelID" where isTop: note(Field.channel, value)
            case "ipAddress" where isTop: note(Field.ipAddress, value)
            case "macAddress" where isTop: note(Field.macAddress, value)
            case "detectionTarget", "targetType": note(Field.target, value)
            case "regionID": note(Field.region, value)
            case "id" where path.hasSuffix("HDD.id"), "diskNumber": note(Field.disk, value)
            default: break
            }
        }

        private mutating func note(_ name: FieldName, _ value: FieldValue) {
            if !known.contains(where: { $0.0 == name }) { known.append((name, value.text)) }
        }

        private func text(_ name: FieldName) -> String? { known.first { $0.0 == name }?.1 }

        /// `nil` where nothing says what happened.
        func message(_ empty: Message) -> Message? {
            var out = empty
            let nested = leaves.first { $0.name.hasPrefix("AccessControllerEvent.") } != nil
            guard let type = text(Field.eventType) ?? (nested ? "AccessControllerEvent" : nil) else { return nil }
            out.add(Field.eventType, text: type)
            for (name, value) in known where name != Field.eventType { out.add(name, text: value) }
            let count = text(Field.activePostCount) ?? "0"
            let isIdle = type == "videoloss" && text(Field.eventState) == "inactive" && count == "0"
            if isIdle || type.lowercased() == "heartbeat" { out.add(Field.heartbeat, boolean: true) }
            if isMalformed { out.add(Field.malformed, boolean: true) }
            for (name, value) in leaves { out.add(FieldName("alert.\(name)"), value) }
            return out
        }
    }
}
