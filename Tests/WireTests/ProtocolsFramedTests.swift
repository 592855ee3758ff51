import Testing

@testable import Wire

struct ProtocolsFramedTests {
    static let call =
        #"start 02; end 03; separator ","; checksum xor over payload as hex; field 0 command; field 1 ticket; field 2 counter"#

    private func layout(_ text: String) throws -> FrameLayout { try FrameLayout(text: text) }

    @Test func `a call to a board is read by its layout, however it is cut`() throws {
        let layout = try layout(Self.call)
        let frames = ["CALL,A007,3", "CALL,B12,1", "CLEAR"].map { Framed.encode(Array($0.utf8), layout) }
        // The xor of "CLEAR" by hand: 43 ^ 4C ^ 45 ^ 41 ^ 52 = 59.
        #expect(frames[2] == [2] + Array("CLEAR59".utf8) + [3])
        let messages = DecoderVerifier.verify(
            { FramedDecoder(layout) }, [[9, 9] + frames[0], frames[1], frames[2]], count: 3)
        #expect(
            messages.map { Heard($0).fields } == [
                ["parts=3", "field.command=CALL", "field.ticket=A007", "field.counter=3"],
                ["parts=3", "field.command=CALL", "field.ticket=B12", "field.counter=1"],
                ["parts=1", "field.command=CLEAR"],
            ])
    }

    @Test func `what keeps bytes from being a frame is told in the layout's words`() throws {
        let good = Framed.encode(
            Array("C;A001;03;".utf8), try layout("start AA 55; end 0D; checksum xor over payload as hex; field 0+1 a"))
        func fault(_ text: String, _ bytes: [UInt8]) throws -> String? {
            var decoder = FramedDecoder(try layout(text))
            return decoder.fault(bytes.span.bytes)
        }
        let form = "start AA 55; end 0D; checksum xor over payload as hex; field 0+1 a"
        #expect(try fault(form, good) == nil)
        #expect(try fault(form, [1, 2] + good) == nil)
        #expect(try fault(form, Array(good.dropLast())) == "end 0D not found")
        #expect(try fault("start AA 55; end 0A; field 0+1 a", good) == "end 0A not found")
        #expect(try fault("start AA 56; end 0D; field 0+1 a", good) == "start AA 56 not found")
        #expect(
            try fault("start AA 55; end 0D; checksum xor over frame as hex; field 0+1 a", good)
                == "checksum is 0B, counted F4")
        #expect(
            try fault("start AA 55; end 0D; checksum xor over payload; field 0+1 a", good)
                == "checksum is 42, counted 3B")
        #expect(
            try fault("start AA 55; length 40; field 0+1 a", good)
                == "a payload of 40 bytes and what is around it do not fit into 15 bytes")
        #expect(try fault(form, [0xAA, 0x55, 0x0D]) == "end 0D leaves no room for the checksum")
        #expect(
            try fault(form, [0xAA, 0x55] + [UInt8](repeating: 0x41, count: 2_000))
                == "no end 0D within 1024 bytes")
    }

    @Test func `fields at offsets are text, digits or numbers`() throws {
        let layout = try layout(
            """
            start AA 55; length 9; checksum crc16-modbus over frame
            ; field 0+1 board uint; field 1+2 number bcd; field 3+2 big uint; field 3+2 little uintle
            ; field 5+4 name text; field 0+2 raw hex
            """)
        let payload = hex("07 f042 0102 4131 2000")
        let frame = Framed.encode(payload, layout)
        let messages = DecoderVerifier.verify({ FramedDecoder(layout) }, [frame, frame], count: 2)
        #expect(
            Heard(messages[0]).fields == [
                "field.board=7", "field.number=042", "field.big=258", "field.little=513", "field.name=A1",
                "field.raw=07f0",
            ])
    }

    @Test func `checksums are those of their standards`() {
        // "123456789", the check value of the CRC catalogues.
        let digits = Array("123456789".utf8)
        #expect(FrameLayout.Checksum.crc16Modbus.value(digits) == 0x4B37)
        #expect(FrameLayout.Checksum.crc16CCITT.value(digits) == 0x29B1)
        #expect(FrameLayout.Checksum.sum8.value(digits) == 0xDD)
        #expect(FrameLayout.Checksum.lrc.value(digits) == 0x23)
        #expect(FrameLayout.Checksum.xor.value(digits) == 0x31)
    }

    @Test(arguments: FrameLayout.Checksum.allCases, FrameLayout.Coverage.allCases)
    func `every checksum over every part is written and checked`(
        checksum: FrameLayout.Checksum, coverage: FrameLayout.Coverage
    ) throws {
        for isHexadecimal in [false, true] {
            let layout = try FrameLayout(
                start: [0x40, 0x40], end: [13, 10], separator: [0x7C], checksum: checksum, coverage: coverage,
                isHexadecimal: isHexadecimal, fields: [.init(name: "n", place: .part(1))])
            #expect(try FrameLayout(text: layout.text) == layout)
            let frame = Framed.encode(Array("C|17".utf8), layout)
            let messages = DecoderVerifier.verify({ FramedDecoder(layout) }, [frame, frame], count: 2)
            #expect(messages.map { $0.text("field.n") } == ["17", "17"])
            for index in 2..<frame.count where frame[index] < 0x80 {
                var damaged = frame
                damaged[index] ^= 1
                #expect((try? datagram(FramedDecoder(layout), damaged))?.text("field.n") != "17" || index == 2)
            }
        }
    }

    @Test func `a frame without end, beyond the bound or with a wrong checksum is refused`() throws {
        let layout = try layout(Self.call)
        var conversation = Conversation(FramedDecoder(layout))
        conversation.feed([2] + [UInt8](repeating: 97, count: FrameLayout.payloadLimit + 10))
        #expect(conversation.error?.reason == .tooLarge)
        var wrong = Conversation(FramedDecoder(layout))
        wrong.feed([2] + Array("CLEAR58".utf8) + [3])
        #expect(wrong.error?.reason == .checksum)
        #expect(try datagram(FramedDecoder(layout), [2] + Array("CLEAR5".utf8)) == nil)
        // Small letters are digits too.
        let small = try FrameLayout(text: "start 02; end 03; separator 2C; checksum xor as hex; field 0 a")
        #expect(try datagram(FramedDecoder(small), [2] + Array("m6d".utf8) + [3])?.text("field.a") == "m")
    }

    @Test func `after a gap the next frame is found`() throws {
        var decoder = FramedDecoder(try layout(Self.call))
        #expect(decoder.resynchronise(hex("4142 02 41").span.bytes) == 2)
        #expect(decoder.resynchronise(hex("4142").span.bytes) == nil)
    }

    @Test(arguments: [
        ("", "no start; say 'start 02' or another byte that begins a frame"),
        ("start 02; field 0 a", "say 'end' with the last bytes, or 'length' with the payload's, and not both"),
        (
            "start 02; end 03; length 4; field 0 a",
            "say 'end' with the last bytes, or 'length' with the payload's, and not both"
        ),
        ("start 2", "'start 2': '2' is no byte; write two hexadecimal digits, or quoted text"),
        ("start", "'start': no bytes"), ("start 02; start 03", "'start 03': comes twice"),
        ("strat 02", "'strat 02': unknown item 'strat'; known: start, end, separator, length, checksum, field"),
        (
            "start 02; checksum xr",
            "'checksum xr': unknown checksum 'xr'; known: xor, sum8, lrc, crc16-modbus, crc16-ccitt"
        ),
        (
            "start 02; checksum xor over all",
            "'checksum xor over all': unknown part 'all' for a checksum; known: payload, frame, end"
        ),
        ("start 02; checksum xor as text", "'checksum xor as text': unknown form 'text'; known: bytes, hex"),
        ("start 02; checksum xor of x", "'checksum xor of x': unknown word 'of'; known: over, as"),
        ("start 02; length four", "'length four': a length is a number of bytes"),
        ("start 02; length 9999; field 0+1 a", "length 9999 is not between 1 and 1024"),
        ("start 02; end 03; field 0 a", "field 'a' is part 0, and there is no 'separator'"),
        ("start 02; end 03", "0 fields; between 1 and 32 are possible"),
        (
            "start 02; end 03; field x a",
            "'field x a': 'x' is no place; '1' is the second part, '3+2' two bytes from the fourth"
        ),
        (
            "start 02; end 03; field 1",
            "'field 1': a field is its place, its name and perhaps its kind: 'field 1 ticket'"
        ),
        (
            "start 02; end 03; field 0+1 a int",
            "'field 0+1 a int': unknown kind 'int'; known: text, hex, bcd, uint, uintle"
        ),
        ("start 02; end 03; field 0+1 a; field 1+1 a", "field 'a' comes twice"),
        ("start 02; end 03; field 0+1 a.b", "field name 'a.b' is not of letters, digits, '-' and '_'"),
        ("start 02; length 4; field 3+2 a", "field 'a': 3+2 is not inside of a payload of 4 bytes"),
        ("start 02; end 03; field 0+8 a uint", "field 'a': a number has at most 4 bytes, not 8"),
        ("start 02; length 4; checksum xor over end; field 0+1 a", "a checksum over the end needs an 'end'"),
        (
            "start 000102030405060708",
            "'start 000102030405060708': '000102030405060708' is no byte; write two hexadecimal digits, or quoted text"
        ),
        ("start 00 01 02 03 04 05 06 07 08; end 03; field 0+1 a", "start has 9 bytes; at most 8"),
        ("start \"a", "a quotation mark without its second: \"a"),
    ]) func `a wrong layout is refused with the wrong word and the right ones`(text: String, words: String) {
        do {
            _ = try FrameLayout(text: text)
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.description == words)
        }
    }
}
