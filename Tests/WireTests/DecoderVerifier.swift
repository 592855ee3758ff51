import Testing

@testable import Wire

/// A message as a test compares and prints it: its fields in order, and its body.
struct Heard: Hashable, CustomStringConvertible {
    var protocolName: ProtocolName
    var fields: [String]
    var body: [UInt8]

    init(_ message: Message) {
        protocolName = message.protocolName
        fields = message.fields.map { "\($0.name)=\($0.value.text)" }
        body = Array(message.body)
    }

    var description: String { "\(protocolName) \(fields.joined(separator: " ")) body[\(body.count)]" }
}

/// What one direction of a flow does with a decoder, in the smallest form: a buffer, and no more than the decoder asks.
struct Conversation<Decoder: ProtocolDecoder> {
    var decoder: Decoder
    private(set) var messages: [Message] = []
    private(set) var error: ParseError?
    private(set) var buffer: [UInt8] = []
    private(set) var steps = 0

    init(_ decoder: Decoder) {
        self.decoder = decoder
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) {
        buffer += bytes
        while !buffer.isEmpty, error == nil {
            steps += 1
            let held = buffer
            do throws(ParseError) {
                switch try decoder.decode(held.span.bytes, at: Timestamp(nanoseconds: 0)) {
                case .message(let message, let consumed):
                    #expect((1...buffer.count).contains(consumed))
                    messages.append(message)
                    buffer.removeFirst(min(max(consumed, 1), buffer.count))
                case .skip(let count):
                    #expect((1...buffer.count).contains(count))
                    buffer.removeFirst(min(max(count, 1), buffer.count))
                case .needMore(let count):
                    #expect(count > buffer.count)
                    return
                }
            } catch {
                self.error = error
            }
        }
    }

    mutating func close() {
        guard error == nil else { return }
        let held = buffer
        do throws(ParseError) {
            if let message = try decoder.finish(held.span.bytes, at: Timestamp(nanoseconds: 0)) {
                messages.append(message)
            }
        } catch {
            self.error = error
        }
    }

    var heard: [Heard] { messages.map(Heard.init) }
}

/// Cuts the input every way and expects the same messages (after SwiftNIO's `ByteToMessageDecoderVerifier`).
enum DecoderVerifier {
    /// - Parameter inputs: pieces that are whole messages each, in the order of the stream.
    static func verify<Decoder: ProtocolDecoder>(
        _ make: () -> Decoder, _ inputs: [[UInt8]], _ expected: [Heard], closing: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let whole = Array(inputs.joined())
        func run(_ pieces: [ArraySlice<UInt8>]) -> [Heard] {
            var conversation = Conversation(make())
            for piece in pieces { conversation.feed(piece) }
            if closing { conversation.close() }
            if let error = conversation.error { Issue.record("\(error)", sourceLocation: sourceLocation) }
            return conversation.heard
        }
        #expect(run([whole[...]]) == expected, "joined", sourceLocation: sourceLocation)
        #expect(run(inputs.map { $0[...] }) == expected, "message by message", sourceLocation: sourceLocation)
        let bytes = whole.indices.map { whole[$0...$0] }
        #expect(run(bytes) == expected, "byte by byte", sourceLocation: sourceLocation)
        // Every cut, or evenly spread ones where the input is long.
        let stride = max(1, whole.count / 2_000)
        for cut in Swift.stride(from: 1, to: whole.count, by: stride)
        where run([whole[..<cut], whole[cut...]]) != expected {
            Issue.record("cut at \(cut)", sourceLocation: sourceLocation)
            return
        }
    }

    /// The same, with the messages that the joined input gives as the expected ones.
    @discardableResult
    static func verify<Decoder: ProtocolDecoder>(
        _ make: () -> Decoder, _ inputs: [[UInt8]], count: Int, closing: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> [Message] {
        var conversation = Conversation(make())
        conversation.feed(inputs.joined())
        if closing { conversation.close() }
        #expect(conversation.messages.count == count, sourceLocation: sourceLocation)
        verify(make, inputs, conversation.heard, closing: closing, sourceLocation: sourceLocation)
        return conversation.messages
    }
}

/// What a datagram decoder makes of one datagram.
func datagram(_ decoder: some ProtocolDecoder, _ bytes: [UInt8]) throws(ParseError) -> Message? {
    var decoder = decoder
    if case .message(let message, _) = try decoder.decode(bytes.span.bytes, at: Timestamp(nanoseconds: 0)) {
        return message
    }
    return nil
}

extension Message {
    /// All fields of that name.
    func all(_ name: FieldName) -> [String] {
        fields.filter { $0.name == name }.map(\.value.text)
    }
}
