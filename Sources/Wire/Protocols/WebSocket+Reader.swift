extension WebSocket {
    /// Reads the frames of one direction. A message in fragments stays in the caller's buffer until its last one; a
    /// fragment is looked at once.
    struct Reader: Sendable {
        private struct Frame {
            var opcode: UInt8
            var isFinal: Bool
            var isCompressed: Bool
            var mask: Int?
            var payload: Range<Int>
        }

        private enum Phase: Sendable {
            case frame
            /// Bytes of a frame that is stepped over.
            case passing(Int)
            /// Fragments of a message that is not kept follow.
            case dropping
            case closed
        }

        private let target: String
        private var phase = Phase.frame
        private var dropsAfter = false
        /// Where the next fragment begins, and how much the ones before it hold.
        private var walked = 0
        private var held = 0

        init(target: String) {
            self.target = target
        }

        mutating func decode(_ bytes: borrowing RawSpan) throws(ParseError) -> DecodeStep {
            switch phase {
            case .closed: return .skip(bytes.byteCount)
            case .passing(let left):
                let step = min(left, bytes.byteCount)
                phase = step < left ? .passing(left - step) : dropsAfter ? .dropping : .frame
                return .skip(step)
            case .frame, .dropping: break
            }
            while true {
                guard let frame = try header(bytes, at: walked) else {
                    return .needMore(atLeast: bytes.byteCount + 1)
                }
                if case .dropping = phase {
                    // Control frames may stand between fragments; they end nothing.
                    return pass(frame, dropping: frame.opcode >= 8 || !frame.isFinal)
                }
                let step = walked > 0 ? try fragment(bytes, frame) : first(bytes, frame)
                if let step { return step }
            }
        }

        /// The first frame of a message; `nil` where its fragments follow in the buffer.
        private mutating func first(_ bytes: borrowing RawSpan, _ frame: Frame) -> DecodeStep? {
            switch frame.opcode {
            case Opcode.text.rawValue:
                if frame.isCompressed || frame.payload.count > HTTP1.bodyLimit { return headOnly(frame) }
                guard frame.payload.upperBound <= bytes.byteCount else {
                    return .needMore(atLeast: frame.payload.upperBound)
                }
                if frame.isFinal { return deliver(payload(bytes, frame), consumed: frame.payload.upperBound) }
                walked = frame.payload.upperBound
                held = frame.payload.count
                return nil
            case Opcode.close.rawValue:
                guard frame.payload.upperBound <= bytes.byteCount else {
                    return .needMore(atLeast: frame.payload.upperBound)
                }
                return close(payload(bytes, frame), consumed: frame.payload.upperBound)
            case Opcode.binary.rawValue: return pass(frame, dropping: !frame.isFinal)
            default: return pass(frame, dropping: false)
            }
        }

        /// Section 5.2. Lengths beyond what is ever kept are fine: such a frame is stepped over.
        private func header(_ bytes: borrowing RawSpan, at start: Int) throws(ParseError) -> Frame? {
            guard bytes.byteCount >= start + 2 else { return nil }
            let first = bytes.octet(start)
            let second = bytes.octet(start + 1)
            let opcode = first & 15
            // Reserved opcodes, and control frames in fragments or longer than 125 bytes, are not WebSocket.
            guard opcode <= 2 || (8...10).contains(opcode), first & 0x30 == 0,
                opcode < 8 || first & 0x80 != 0 && second & 0x7F < 126
            else { throw ParseError(.application, .malformed, offset: start) }
            var index = start + 2
            var length = Int(second & 0x7F)
            if length >= 126 {
                let count = length == 126 ? 2 : 8
                guard bytes.byteCount >= index + count else { return nil }
                length = 0
                for offset in 0..<count {
                    guard length < 1 << 46 else { throw ParseError(.application, .tooLarge, offset: index) }
                    length = length << 8 | Int(bytes.octet(index + offset))
                }
                index += count
            }
            var mask: Int?
            if second & 0x80 != 0 {
                guard bytes.byteCount >= index + 4 else { return nil }
                mask = index
                index += 4
            }
            return Frame(
                opcode: opcode, isFinal: first & 0x80 != 0, isCompressed: first & 0x40 != 0, mask: mask,
                payload: index..<index + length)
        }

        /// A frame behind the first fragment of a text; `nil` where more follow in the buffer.
        private mutating func fragment(
            _ bytes: borrowing RawSpan, _ frame: Frame
        ) throws(ParseError) -> DecodeStep? {
            guard frame.opcode == 0 || frame.opcode >= 8 else {
                throw ParseError(.application, .malformed, offset: walked)
            }
            if frame.opcode == 0 { held += frame.payload.count }
            guard held <= HTTP1.bodyLimit, frame.payload.upperBound <= HTTP1.bodyLimit + HTTP1.headLimit else {
                let length = held
                (walked, held) = (0, 0)
                let consumed = frame.payload.lowerBound
                dropsAfter = frame.opcode >= 8 || !frame.isFinal
                phase = frame.payload.isEmpty ? (dropsAfter ? .dropping : .frame) : .passing(frame.payload.count)
                return .message(message(length: length, cut: true), consumed: consumed)
            }
            guard frame.payload.upperBound <= bytes.byteCount else {
                if frame.opcode == 0 { held -= frame.payload.count }
                return .needMore(atLeast: frame.payload.upperBound)
            }
            walked = frame.payload.upperBound
            guard frame.opcode == 0, frame.isFinal else { return nil }
            // The last one: walk once more, and put them together.
            var text: [UInt8] = []
            text.reserveCapacity(held)
            var index = 0
            while index < walked, let piece = try header(bytes, at: index) {
                if piece.opcode < 8 { text += payload(bytes, piece) }
                index = piece.payload.upperBound
            }
            let consumed = walked
            (walked, held) = (0, 0)
            return deliver(text, consumed: consumed)
        }

        private func payload(_ bytes: borrowing RawSpan, _ frame: Frame) -> [UInt8] {
            var out: [UInt8] = []
            out.reserveCapacity(frame.payload.count)
            for (offset, index) in frame.payload.enumerated() {
                let mask = frame.mask.map { bytes.octet($0 + offset & 3) } ?? 0
                out.append(bytes.octet(index) ^ mask)
            }
            return out
        }

        private mutating func pass(_ frame: Frame, dropping: Bool) -> DecodeStep {
            dropsAfter = dropping
            phase = frame.payload.isEmpty ? (dropping ? .dropping : .frame) : .passing(frame.payload.count)
            return .skip(frame.payload.lowerBound)
        }

        private mutating func headOnly(_ frame: Frame) -> DecodeStep {
            var message = message(length: frame.payload.count, cut: !frame.isCompressed)
            if frame.isCompressed { message.add(Field.compressed, boolean: true) }
            dropsAfter = !frame.isFinal
            phase = frame.payload.isEmpty ? (dropsAfter ? .dropping : .frame) : .passing(frame.payload.count)
            return .message(message, consumed: frame.payload.lowerBound)
        }

        private func message(length: Int, cut: Bool) -> Message {
            var message = Message(.websocket)
            message.add(Field.type, text: "text")
            if !target.isEmpty { message.add(Field.requestTarget, text: target) }
            message.add(Field.bodyLength, integer: length)
            if cut { message.add(Field.cut, boolean: true) }
            return message
        }

        private func deliver(_ text: [UInt8], consumed: Int) -> DecodeStep {
            var message = message(length: text.count, cut: false)
            let bytes = text.span.bytes
            let digits = bytes.skip(from: 0, to: min(8, text.count)) { $0.isDigit }
            var start = 0
            if digits > 0 {
                var index = digits
                // "42/namespace,[…]" and "421[…]": a namespace or an acknowledgement's number may stand between.
                if bytes.octet(index) == UInt8(ascii: "/") {
                    index = (bytes.firstIndex(of: UInt8(ascii: ","), from: index, to: index + 256) ?? index) + 1
                }
                let next = bytes.octet(index)
                if next == UInt8(ascii: "[") || next == UInt8(ascii: "{") { start = index }
                if start > 0 || digits == text.count {
                    message.add(Field.packet, text: bytes.text(0..<digits))
                }
            }
            message.setBody(copying: start > 0 ? Array(text[start...]) : text)
            return .message(message, consumed: consumed)
        }

        private mutating func close(_ payload: [UInt8], consumed: Int) -> DecodeStep {
            phase = .closed
            var message = Message(.websocket)
            message.add(Field.type, text: "close")
            if !target.isEmpty { message.add(Field.requestTarget, text: target) }
            if payload.count >= 2 { message.add(Field.code, integer: Int(payload[0]) << 8 | Int(payload[1])) }
            return .message(message, consumed: consumed)
        }
    }
}
