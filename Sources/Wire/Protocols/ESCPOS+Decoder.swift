/// One direction of a connection to a ticket printer.
///
/// Commands and text are consumed as they come, so a job's length is not bounded and its images are never held. The
/// last piece always waits for what follows it: when the connection closes, the job that it belongs to is delivered.
public struct ESCPOSDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .escpos }
    public static var fields: [FieldName] { ESCPOS.fields }

    private enum Data: Sendable {
        case none
        case bytes(Int)
        /// A barcode's, of at most that many more.
        case untilNul(Int)
    }

    private static let queryLimit = 16

    private var settings = ESCPOS.Settings()
    private var job = ESCPOS.Job()
    private var data = Data.none
    private var glyphs = (count: 0, height: 0)
    private var storedImages = 0
    /// What the other side asked, oldest first: then this side is the printer.
    private var queries: [UInt8] = []
    private var isPrinter = false

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        if isPrinter { return answer(bytes) }
        var index = 0
        while index < bytes.byteCount {
            guard let step = step(bytes, index) else { break }
            index += step.length
            if let message = step.message { return .message(message, consumed: index) }
            if step.length == 0 { break }
        }
        return index > 0 ? .skip(index) : .needMore(atLeast: bytes.byteCount + 1)
    }

    /// Takes one piece; `nil` if it is not whole or the last.
    private mutating func step(_ bytes: borrowing RawSpan, _ index: Int) -> (length: Int, message: Message?)? {
        // All but the last byte of data, and of text, may go.
        let spare = bytes.byteCount - index - 1
        switch data {
        case .bytes(let count):
            let length = min(count, spare)
            guard length > 0 else { return nil }
            data = length == count ? .none : .bytes(count - length)
            return (length, nil)
        case .untilNul(let count):
            let limit = min(index + count, bytes.byteCount - 1)
            guard limit > index else { return nil }
            if let nul = bytes.firstIndex(of: 0, from: index, to: limit) {
                data = .none
                return (nul + 1 - index, nil)
            }
            data = limit - index == count ? .none : .untilNul(count - (limit - index))
            return (limit - index, nil)
        case .none: break
        }
        if glyphs.count > 0 {
            guard spare > 0 else { return nil }
            glyphs.count -= 1
            take(.data(Int(bytes.octet(index)) * glyphs.height))
            return (1, nil)
        }
        if storedImages > 0 {
            guard spare >= 4 else { return nil }
            storedImages -= 1
            let columns = Int(bytes.octet(index)) | Int(bytes.octet(index + 1)) << 8
            let rows = Int(bytes.octet(index + 2)) | Int(bytes.octet(index + 3)) << 8
            take(.data(columns * rows * 8))
            return (4, nil)
        }
        return bytes.octet(index) >= 32 || bytes.octet(index) == 9
            ? text(bytes, index) : command(bytes, index)
    }

    private mutating func text(_ bytes: borrowing RawSpan, _ index: Int) -> (length: Int, message: Message?)? {
        let end = bytes.skip(from: index, to: bytes.byteCount - 1) { $0 >= 32 || $0 == 9 }
        guard end > index else { return nil }
        job.print(bytes, index..<end, settings)
        return (end - index, nil)
    }

    private mutating func command(_ bytes: borrowing RawSpan, _ index: Int) -> (length: Int, message: Message?)? {
        guard let (length, action) = ESCPOS.command(bytes, at: index) else { return nil }
        switch action {
        case .cut:
            let message = job.message(isCut: true)
            job = ESCPOS.Job()
            return (length, message)
        case .query(let number):
            var message = Message(.escpos)
            message.add(ESCPOS.Field.type, text: "query")
            message.add(ESCPOS.Field.query, integer: number)
            return (length, message)
        default:
            guard index + length < bytes.byteCount else { return nil }
            take(action)
            return (length, nil)
        }
    }

    private mutating func take(_ action: ESCPOS.Action) {
        settings.apply(action)
        switch action {
        case .data(let count), .image(let count), .code(let count): data = count > 0 ? .bytes(count) : .none
        case .codeUntilNul: data = .untilNul(255)
        case .glyphs(let count, let height): glyphs = (count, height)
        case .storedImages(let count): storedImages = count
        default: break
        }
        job.apply(action)
    }

    /// The job that ends with the connection. What waited is its last piece.
    public mutating func finish(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> Message? {
        guard !isPrinter else { return nil }
        if case .none = data, glyphs.count == 0, storedImages == 0, bytes.byteCount > 0 {
            let first = bytes.octet(0)
            if first >= 32 || first == 9 {
                let end = bytes.skip(from: 0, to: bytes.byteCount) { $0 >= 32 || $0 == 9 }
                job.print(bytes, 0..<end, settings)
            } else if let (length, action) = ESCPOS.command(bytes, at: 0), length == bytes.byteCount {
                take(action)
            }
        }
        return job.message(isCut: false)
    }

    // MARK: The printer's side

    public mutating func heard(_ message: borrowing Message) {
        guard message.protocolName == .escpos, let number = message.integer(ESCPOS.Field.query) else { return }
        isPrinter = true
        if queries.count < Self.queryLimit { queries.append(UInt8(truncatingIfNeeded: number)) }
    }

    /// A byte for each status asked for by `DLE EOT n`; what other commands are answered with is passed over.
    private mutating func answer(_ bytes: borrowing RawSpan) -> DecodeStep {
        let byte = bytes.octet(0)
        // Bits 1 and 4 set, 0 and 7 not: so every such answer is marked.
        guard let number = queries.first, byte & 0x93 == 0x12, (1...4).contains(number) else {
            if queries.first == 0 { queries.removeFirst() }
            return .skip(1)
        }
        queries.removeFirst()
        var message = Message(.escpos)
        message.add(ESCPOS.Field.type, text: "status")
        switch number {
        case 1: message.add(ESCPOS.Field.online, boolean: byte & 0x08 == 0)
        case 2:
            message.add(ESCPOS.Field.coverOpen, boolean: byte & 0x04 != 0)
            message.add(ESCPOS.Field.paper, text: byte & 0x20 != 0 ? "out" : "ok")
            message.add(ESCPOS.Field.error, boolean: byte & 0x40 != 0)
        case 3: message.add(ESCPOS.Field.error, boolean: byte & 0x6C != 0)
        default:
            let paper = byte & 0x60 != 0 ? "out" : byte & 0x0C != 0 ? "near-end" : "ok"
            message.add(ESCPOS.Field.paper, text: paper)
        }
        return .message(message, consumed: 1)
    }

    /// After lost bytes a job begins anew: at `ESC @`, or behind a cut.
    public mutating func resynchronise(_ bytes: borrowing RawSpan) -> Int? {
        self = ESCPOSDecoder(isPrinter: isPrinter)
        if isPrinter { return bytes.byteCount > 0 ? 0 : nil }
        for index in 0..<max(0, bytes.byteCount - 1) {
            switch (bytes.octet(index), bytes.octet(index + 1)) {
            case (0x1B, UInt8(ascii: "@")): return index
            case (0x1D, UInt8(ascii: "V")):
                let length = [0, 1, 48, 49].contains(bytes.octet(index + 2)) ? 3 : 4
                if index + length < bytes.byteCount { return index + length }
            default: break
            }
        }
        return nil
    }

    private init(isPrinter: Bool) {
        self.isPrinter = isPrinter
    }
}
