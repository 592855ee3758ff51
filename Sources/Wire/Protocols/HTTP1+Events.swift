// Server-sent events (WHATWG HTML section 9.2): what a page is told while it is open.
extension HTTP1.Parts {
    /// Lines up to an empty one: `event`, `id` and the `data` lines.
    mutating func event(_ bytes: borrowing RawSpan) -> Step {
        while let line = runs.lineFeed(bytes, from: scanned) {
            let start = lineStart
            scanned = line + 1
            lineStart = scanned
            let isEmpty = line == start || line == start + 1 && runs.octet(bytes, start) == 13
            guard isEmpty else { continue }
            if start == 0 { return .skip(advance(to: line + 1)) }
            let text = runs.bytes(bytes, 0..<start)
            let message = eventMessage(text.span.bytes)
            let consumed = advance(to: line + 1)
            if let message { return .message(message, consumed: consumed) }
            return .skip(consumed)
        }
        scanned = runs.count
        if runs.isFull || runs.count > HTTP1.bodyLimit || runs.raw(of: runs.count) > HTTP1.bodyLimit {
            // No event is that long: what was held is given up, and the next empty line begins another.
            return .skip(advance(to: runs.count))
        }
        return runs.isOver ? .over(consumed: advance(to: runs.count)) : .needMore
    }

    private mutating func eventMessage(_ text: borrowing RawSpan) -> Message? {
        var message = Message(.http)
        var data: [UInt8] = []
        var hasData = false
        var index = 0
        var names: [(FieldName, Range<Int>)] = []
        while index < text.byteCount {
            let stop = text.firstIndex(of: 10, from: index) ?? text.byteCount
            let colon = text.firstIndex(of: UInt8(ascii: ":"), from: index, to: stop) ?? stop
            let blank = text.octet(colon + 1) == 32 ? 1 : 0
            let low = min(stop, colon + 1 + blank)
            let end = stop > low && text.octet(stop - 1) == 13 ? stop - 1 : stop
            switch colon - index {
            case 4 where text.holds("data", at: index):
                if hasData { data.append(10) }
                hasData = true
                text.withUnsafeBytes { data.append(contentsOf: $0[low..<max(low, end)]) }
            case 5 where text.holds("event", at: index): names.append((HTTP1.Field.name, low..<max(low, end)))
            case 2 where text.holds("id", at: index): names.append((HTTP1.Field.eventID, low..<max(low, end)))
            default: break
            }
            index = stop + 1
        }
        guard hasData || !names.isEmpty else { return nil }
        count += 1
        message.add(HTTP1.Field.part, integer: count)
        if !owner.target.isEmpty { message.add(HTTP1.Field.requestTarget, text: owner.target) }
        for (name, range) in names.prefix(8) { message.add(name, text: text.text(range)) }
        message.add(HTTP1.Field.bodyLength, integer: data.count)
        message.setBody(copying: data)
        return message
    }
}
