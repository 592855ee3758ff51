import Testing

@testable import Wire

struct ProtocolsESCPOSTests {
    private func jobs(_ bytes: [UInt8], closing: Bool = true) -> [Message] {
        var conversation = Conversation(ESCPOSDecoder())
        conversation.feed(bytes)
        if closing { conversation.close() }
        #expect(conversation.error == nil)
        return conversation.messages
    }

    private func text(_ bytes: [UInt8], page: UInt8) -> String? {
        jobs([0x1B, 0x40, 0x1B, 0x74, page] + bytes + [10]).first?.text("line.1")
    }

    /// As python-escpos 3.1 writes a ticket (its `Dummy` printer): init, sizes, alignment, feed, cut.
    static let ticket =
        hex("1b40 1d2111 1b4501 1b6101 1b7400") + Array("WELCOME\n".utf8) + hex("1b2100 1b2100 1b6101")
        + Array("City Reception\n".utf8) + hex("1d2133 1b6101") + Array("A007\n".utf8) + hex("1b2100 1b6100")
        + Array("Service : Passports\nTickets ahead : 3\n".utf8) + hex("1b6406 1d5600")

    @Test func `the largest text is the ticket's number`() {
        let messages = DecoderVerifier.verify(ESCPOSDecoder.init, [Self.ticket, Self.ticket], count: 2)
        #expect(
            Heard(messages[0]).fields == [
                "type=job", "largest=A007", "width=4", "height=4", "lines=5", "cut=true", "images=0", "codes=0",
                "line.1=WELCOME", "line.2=City Reception", "line.3=A007", "line.4=Service : Passports",
                "line.5=Tickets ahead : 3",
            ])
    }

    @Test func `real tickets decode, their accents too`() throws {
        guard !SharedFiles.missing else { return }
        let expected = [
            ("0042_pulse", "0042", "Service : Касса"), ("A007", "A007", "Service : Passports"),
            ("B112_qr", "B112", "Service : Permits"), ("C001_umlaut", "C001", "Service : Auskünfte – Ämter"),
        ]
        for (file, number, service) in expected {
            let bytes = try SharedFiles.bytes("messages/queue/escpos_ticket_\(file).bin")
            let messages = DecoderVerifier.verify(ESCPOSDecoder.init, [bytes], count: 1, closing: true)
            #expect(messages.first?.text("largest") == number)
            #expect(messages.first?.text("line.6") == service, "\(file)")
            #expect(messages.first?.text("cut") == "true")
            #expect(messages.first?.integer("codes") == (file == "B112_qr" ? 1 : 0))
            #expect(messages.first?.has("unknown") == false)
        }
    }

    @Test func `a job without a cut ends with the connection`() {
        let ticket = ESCPOS.encodeTicket(heading: "Mời lấy số", number: "B112", lines: ["Hộ tịch"], cuts: false)
        let messages = DecoderVerifier.verify(ESCPOSDecoder.init, [ticket], count: 1, closing: true)
        #expect(messages[0].text("largest") == "B112")
        #expect(messages[0].text("cut") == "false")
        #expect(messages[0].text("line.1") == "Mời lấy số")
        // The last piece may be text, or nothing of a job.
        #expect(jobs(Array("plain\nA1".utf8)).first?.all("line.2") == ["A1"])
        #expect(jobs(Self.ticket + hex("1b7000 3232 0a0a")).count == 1)
        #expect(jobs(hex("12 16 72")).isEmpty)
    }

    @Test func `images, barcodes and QR codes are stepped over by their lengths`() {
        let noise = [UInt8](repeating: 0x1B, count: 400)
        let pieces: [[UInt8]] = [
            hex("1d763000 0a00 1400") + noise.prefix(200), hex("1b2a21 1400") + noise.prefix(60),
            hex("1b2a00 1400") + noise.prefix(20), hex("1d6b04") + Array("A007".utf8) + [0],
            hex("1d6b49 04") + noise.prefix(4), hex("1d286b 0700 31 50 30") + noise.prefix(4),
            hex("1d286b 0300 31 51 30"),
            hex("1d384c 6e000000") + noise.prefix(110), hex("1d284c 0200 30 32"), hex("1d2a 0201") + noise.prefix(16),
            hex("1c7101 0100 0200") + noise.prefix(16),
            hex("1b2603 4142") + [2] + noise.prefix(6) + [1] + noise.prefix(3),
            hex("1b5a 000402 0500") + noise.prefix(5), hex("1b44 081018 00"), hex("1b70 003232"),
            hex("1014 080102030405 0607"),
        ]
        let bytes = hex("1b40") + pieces.joined() + hex("1d2122") + Array("C9\n".utf8) + hex("1d564100")
        let messages = DecoderVerifier.verify(ESCPOSDecoder.init, [bytes], count: 1)
        #expect(
            Heard(messages[0]).fields == [
                "type=job", "largest=C9", "width=3", "height=3", "lines=1", "cut=true", "images=5", "codes=4",
                "line.1=C9",
            ])
    }

    @Test func `a ticket that is an image has no number, and says so by having none`() {
        let bytes = hex("1b40 1d763000 0100 0800 ffffffffffffffff 1d5601")
        #expect(
            jobs(bytes).map { Heard($0).fields } == [
                ["type=job", "lines=0", "cut=true", "images=1", "codes=0"]
            ])
    }

    @Test func `of several texts in the largest size the one with a digit comes first`() {
        let bytes = hex("1d2111") + Array("MOI\nA15\nQUAY\n".utf8) + hex("1b6d")
        #expect(jobs(bytes).first?.all("largest") == ["A15", "MOI", "QUAY"])
        // Double height and width by the older command; a number in the middle of a line.
        let older = Array("So: ".utf8) + hex("1b2130") + Array("027".utf8) + hex("1b2100") + Array(" xin cho\n".utf8)
        let message = jobs(older + hex("1b69")).first
        #expect(message?.text("largest") == "027")
        #expect(message?.text("line.1") == "So: 027 xin cho")
        #expect(jobs(Array("all alike\n".utf8)).first?.has("largest") == false)
    }

    @Test func `Vietnamese is read in each of its encodings`() {
        // "Hộ tịch: số đẹp".
        #expect(text(hex("48 f4 f2 20 74 69 f2 63 68"), page: 52) == "Hộ tịch")
        #expect(text(hex("48 e9 20 74 de 63 68"), page: 30) == "Hộ tịch")
        #expect(text(hex("48 e9 20 54 de 43 48"), page: 31) == "HỘ TỊCH")
        #expect(text(Array("Hộ tịch".utf8), page: 0) == "Hộ tịch")
        #expect(jobs(hex("1c28430200 30 32") + Array("Hộ tịch\n".utf8)).first?.text("line.1") == "Hộ tịch")
        // Page 27 does not say which: the text does.
        #expect(text(hex("48 f4 f2 20 74 69 f2 63 68"), page: 27) == "Hộ tịch")
        #expect(text(hex("53 e8 20 74 68 f8 20 74 f9 20 ae d1 70"), page: 27) == "Số thứ tự đẹp")
        #expect(text(hex("53 af 20 74 68 d1 20 74 f1 20 f0 a9 70"), page: 27) == "Số thứ tự đẹp")
    }

    @Test func `every page has a character for each byte, as its standard says`() {
        for page in CodePage.allCases {
            let count = CodePage.upperHalf(of: page).unicodeScalars.count
            #expect(count == 128 || [.tcvn3Capitals, .utf8, .vietnamese].contains(page), "\(page)")
        }
        #expect(CodePage.pc437.text([0x81, 0xE1]) == "üß")
        #expect(CodePage.wpc1252.text([0x80, 0x96]) == "€–")
        #expect(CodePage.pc858.text([0xD5]) == "€")
        #expect(CodePage.pc866.text([0x8F]) == "П")
        #expect(CodePage.viscii.text([0xD5, 0x41, 0x80]) == "ạAẠ")
    }

    @Test func `a query is a message, and the answer to it another`() {
        var host = Conversation(ESCPOSDecoder())
        host.feed(
            hex("1b40") + Array("A1\n".utf8) + hex("100404 100401 100402 1d7201") + Array("x\n".utf8) + hex("1d5600"))
        #expect(host.messages.map { $0.text("type") } == ["query", "query", "query", "query", "job"])
        var printer = Conversation(ESCPOSDecoder())
        for message in host.messages { printer.decoder.heard(message) }
        printer.feed(hex("72 1a 36 00 12"))
        #expect(
            printer.heard.map(\.fields) == [
                ["type=status", "paper=out"], ["type=status", "online=false"],
                ["type=status", "cover-open=true", "paper=out", "error=false"],
            ])
    }

    @Test func `lines and their lengths are bounded`() {
        let many = (1...ESCPOS.lineLimit + 10).flatMap { Array("line \($0)\n".utf8) }
        let message = jobs(many + hex("1d5600")).first
        #expect(message?.integer("lines") == Int64(ESCPOS.lineLimit + 10))
        #expect(message?.has(FieldName("line.\(ESCPOS.lineLimit)")) == true)
        #expect(message?.has(FieldName("line.\(ESCPOS.lineLimit + 1)")) == false)
        let long = jobs([UInt8](repeating: 97, count: 5_000) + [10]).first
        #expect(long?.text("line.1")?.count == ESCPOS.lineLengthLimit)
    }

    @Test func `after a gap the next job is read, and the torn one is not told`() {
        var decoder = ESCPOSDecoder()
        let torn = Array("half a line".utf8) + hex("1d5600")
        #expect(decoder.resynchronise((torn + Self.ticket).span.bytes) == torn.count)
        #expect(decoder.resynchronise(Self.ticket.span.bytes) == 0)
        #expect(decoder.resynchronise(Array("nothing".utf8).span.bytes) == nil)
    }

    // MARK: What is no ticket

    @Test(arguments: [
        ("\u{1B}%-12345X@PJL SET COPIES=1\r\n@PJL  enter language = pcl\r\n\u{1B}E", "PCL"),
        ("\u{1B}%-12345X@PJL ENTER LANGUAGE=POSTSCRIPT\n%!PS", "POSTSCRIPT"), ("%!PS-Adobe-3.0\n", "POSTSCRIPT"),
        ("%PDF-1.7\n", "PDF"), ("\u{1B}E\u{1B}&l0O", "PCL"), ("^XA^FO50,50^FS^XZ", "ZPL"),
        ("\u{1B}%-12345X@PJL JOB NAME=\"salaries\"\r\n", "unknown"),
    ]) func `a print job is counted by its language`(text: String, language: String) {
        let bytes = Array(text.utf8)
        #expect(Protocols.streamProtocol(.escpos, bytes.span.bytes) == .chosen(.pjl))
        let rest = [UInt8](repeating: 10, count: 300)
        let messages = DecoderVerifier.verify(PJLDecoder.init, [bytes + rest], count: 1, closing: true)
        #expect(messages.map { Heard($0).fields } == [["language=\(language)"]])
    }

    @Test func `tickets are not taken for print jobs, and the printer's answers for none`() {
        for bytes in [Self.ticket, hex("1b4501 41"), hex("100404"), Array("A007\n".utf8), hex("1b2501")] {
            #expect(Protocols.streamProtocol(.escpos, bytes.span.bytes) == .chosen(.escpos))
        }
        let request = Array("GET /metrics HTTP/1.1\r\n".utf8)
        #expect(Protocols.streamProtocol(.escpos, request.span.bytes) == .chosen(.http))
        #expect(Protocols.streamProtocol(.escpos, Array("WELCOME".utf8).span.bytes) == .needMore(atLeast: 8))
        #expect(Protocols.streamProtocol(.escpos, hex("1b25").span.bytes) == .needMore(atLeast: 3))
        var printer = Conversation(PJLDecoder())
        printer.feed(Array("@PJL INFO ID\r\n\"HP\"\r\n".utf8))
        printer.close()
        #expect(printer.messages.isEmpty)
    }
}
