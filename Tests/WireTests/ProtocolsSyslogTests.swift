import Testing

@testable import Wire

struct ProtocolsSyslogTests {
    private func decode(_ text: String) throws -> Message {
        try #require(try datagram(SyslogDatagramDecoder(), Array(text.utf8)))
    }

    @Test func `an RFC 5424 message gives its header, structured data and text`() throws {
        let message = try decode(
            #"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog 77 ID47 "#
                + #"[exampleSDID@32473 iut="3" eventSource="App\"\]\\x\n"][p class="high"] "#
                + "\u{FEFF}An application event")
        #expect(message.integer("pri") == 165)
        #expect(message.text("facility") == "local4")
        #expect(message.text("severity") == "notice")
        #expect(message.integer("version") == 1)
        #expect(message.text("timestamp") == "2003-10-11T22:14:15.003Z")
        #expect(message.text("hostname") == "mymachine.example.com")
        #expect(message.text("app") == "evntslog")
        #expect(message.text("procid") == "77")
        #expect(message.text("msgid") == "ID47")
        #expect(message.text("sd.exampleSDID@32473.iut") == "3")
        #expect(message.text("sd.exampleSDID@32473.eventSource") == #"App"]\x\n"#)
        #expect(message.text("sd.p.class") == "high")
        #expect(message.text("text") == "An application event")
        #expect(String(decoding: message.body, as: UTF8.self) == "An application event")
        #expect(!message.has("assumed"))
    }

    @Test func `nil header fields are absent, and a message may end after its structured data`() throws {
        let message = try decode("<14>1 - - qms - - - ticket=A007 action=issued")
        #expect(message.fields.map(\.name.rawValue) == ["pri", "facility", "severity", "version", "app", "text"])
        #expect(message.text("text") == "ticket=A007 action=issued")
        #expect(try decode("<14>1 - - - - - -").text("text") == "")
        #expect(try decode(#"<14>1 - h a p m [x a="1"]"#).text("sd.x.a") == "1")
    }

    @Test func `a BSD message gives time, host, tag and text`() throws {
        let message = try decode("<131>Nov 23 11:15:14 vm nvr01[12]: HDD 2 error: disk offline\n\0")
        #expect(message.text("facility") == "local0")
        #expect(message.text("severity") == "err")
        #expect(message.text("timestamp") == "Nov 23 11:15:14")
        #expect(message.text("hostname") == "vm")
        #expect(message.text("tag") == "nvr01[12]")
        #expect(message.text("app") == "nvr01")
        #expect(message.text("procid") == "12")
        #expect(message.text("text") == "HDD 2 error: disk offline")
        let local = try decode("<13>Nov  3 11:15:14 su: no host here")
        #expect(!local.has("hostname"))
        #expect(local.text("app") == "su")
        #expect(local.text("text") == "no host here")
    }

    @Test(
        arguments: [
            (
                "<189>45: *Mar  1 00:00:00.123: %SYS-5-CONFIG_I: Configured", "Mar  1 00:00:00.123", nil,
                "%SYS-5-CONFIG_I", "Configured"
            ),
            (
                "<189>000045: R1: Mar  1 18:48:50.483 UTC: %LINK-3-UPDOWN: Interface up", "Mar  1 18:48:50.483", "R1",
                "%LINK-3-UPDOWN", "Interface up"
            ),
            ("<189>.Mar  1 18:48:50: %LINK-3-UPDOWN: x", "Mar  1 18:48:50", nil, "%LINK-3-UPDOWN", "x"),
            (
                "<166>Nov 14 2017 12:34:56 fw01 : %ASA-6-302013: Built", "Nov 14 2017 12:34:56", "fw01",
                "%ASA-6-302013", "Built"
            ),
            ("<166>Nov 14 2017 12:34:56: %ASA-6-302013: Built", "Nov 14 2017 12:34:56", nil, "%ASA-6-302013", "Built"),
            ("<166>%ASA-6-302013: Built", nil, nil, "%ASA-6-302013", "Built"),
            ("<13>Nov  3 01:02:03 Message forwarded from relay: su: text", "Nov  3 01:02:03", "relay", "su", "text"),
            ("<13>45: no time here", nil, nil, "45", "no time here"),
            ("<13>45: R1: none either", nil, nil, "45", "R1: none either"),
            ("<13>*starred", nil, nil, nil, "*starred"),
            ("<13>Nov  3 01:02:03 UTC: x", "Nov  3 01:02:03", nil, "UTC", "x"),
        ] as [(String, String?, String?, String?, String)])
    func `routers, firewalls and relays are understood`(
        line: String, time: String?, host: String?, tag: String?, text: String
    ) throws {
        let message = try decode(line)
        #expect(message.text("timestamp") == time)
        #expect(message.text("hostname") == host)
        #expect(message.text("tag") == tag)
        #expect(message.text("text") == text)
    }

    /// Files in the older form without a priority: a line each. The host is told where there is a time.
    @Test(.enabled(if: !SharedFiles.missing)) func `recorded log lines give time, host, tag and text`() throws {
        for (name, host) in [
            ("lnav_logfile_bad_syslog.0.txt", "veridian"), ("loghub_Mac_200.log", nil),
            ("lnav_logfile_syslog.3.txt", nil),
            ("lnav_logfile_syslog_with_mixed_times.0.txt", nil),
        ] as [(String, String?)] {
            let text = String(decoding: try SharedFiles.bytes("messages/syslog/\(name)"), as: UTF8.self)
            var dated = 0
            for line in text.split(whereSeparator: \.isNewline) {
                let message = try decode(String(line))
                guard message.has("timestamp") else { continue }
                dated += 1
                #expect(message.text("timestamp")?.utf8.count == 15, "\(line)")
                #expect(message.text("hostname")?.isEmpty == false, "\(line)")
                if let host { #expect(message.text("hostname") == host) }
                #expect(line.hasSuffix(message.text("text") ?? "?"), "\(line)")
            }
            #expect(dated > 3, "\(name)")
        }
    }

    @Test func `without a priority it is user notice, assumed and not counted by facility`() throws {
        let message = try decode("EVIL")
        #expect(message.integer("pri") == 13)
        #expect(message.text("text") == "EVIL")
        #expect(message.has("assumed"))
        #expect(Syslog.summary(of: message).map(\.value) == ["total"])
        let told = try decode("<37>x")
        #expect(Syslog.summary(of: told).map(\.value) == ["total", "auth.notice"])
    }

    @Test(arguments: [
        "control-bytes-and-no-priority": "\r\u{1D}\u{3}\u{0}\u{10}abc", "nothing": "", "only-line-ends": "\r\n\n",
        "nul-first": "\u{0}abc",
    ]) func `what is not text is refused`(name: String, input: String) {
        #expect((try? datagram(SyslogDatagramDecoder(), Array(input.utf8))) == nil, "\(name)")
    }

    @Test func `priorities that are none leave a message without one`() throws {
        for text in ["<192>x", "<1234>x", "<>x", "<a>x", "<13", "<"] {
            #expect(try decode(text).has("assumed"), "\(text)")
            #expect(try decode(text).text("text") == text)
        }
    }

    /// The corner cases of rsyslog's own parser test, with its answers (`shared/messages/syslog`).
    @Test(.enabled(if: !SharedFiles.missing)) func `rsyslog's corner cases decode as rsyslog decodes them`() throws {
        let name = "messages/syslog/rsyslog_parsertest-parse1-udp"
        let inputs = String(decoding: try SharedFiles.bytes(name + ".input.txt"), as: UTF8.self).split(separator: "\n")
        let rows = String(decoding: try SharedFiles.bytes(name + ".expected.csv"), as: UTF8.self).split(separator: "\n")
        #expect(inputs.count == rows.count)
        for (input, row) in zip(inputs, rows) {
            let message = try decode(String(input))
            // The text may hold commas and one row's tag does: compare what stands before and after.
            let head =
                "\(message.integer("pri") ?? -1),\(message.text("facility") ?? ""),\(message.text("severity") ?? "")"
            #expect(row.hasPrefix(head + ","), "\(input)")
            // rsyslog puts its own name where no host is told.
            let rest = row.dropFirst(head.utf8.count + 1 + 16)
            let host = message.text("hostname") ?? (message.has("version") ? "" : "$RS_HOSTNAME")
            let app = message.text("app") ?? ""
            let procid = message.has("version") ? message.text("procid").map { "[\($0)]" } ?? "" : ""
            let tag = message.text("tag") ?? app + procid
            let text = message.text("text") ?? ""
            let answers = ["", ":"].flatMap { colon in
                ["", " "].map { blank in "\(host),\(app),\(tag)\(colon),\(blank)\(text)" }
            }
            #expect(answers.contains(String(rest)), "\(input) -> \(message.fields) wanted \(rest)")
            #expect(message.has("timestamp"))
        }
    }

    /// Found by fuzzing: the blank after the version was looked for behind the text's trimmed end, and that trapped.
    @Test func `a version with only blanks behind it is text`() throws {
        for text in ["<34>1 ", "<34>1 \n", "<34>1", "<34>12 \0"] {
            #expect(try decode(text).has("version") == false, "\(text)")
        }
    }

    @Test func `octet counting and line framing may come on one connection`() {
        let lines = [
            "<13>1 - h a - - - one", "<14>Nov  3 11:15:14 host tag: two", "<15>three with 12 <13>inside",
        ]
        let counted = Syslog.frame(Array("<14>1 - h a - - - a\nb".utf8))
        let inputs =
            [
                Array("\(lines[0])\n".utf8), counted, Array("\(lines[1])\r\n\n".utf8), counted,
                Array("\(lines[2])\n".utf8),
            ]
        let messages = DecoderVerifier.verify(SyslogStreamDecoder.init, inputs, count: 5)
        #expect(messages.compactMap { $0.text("text") } == ["one", "a\nb", "two", "a\nb", "three with 12 <13>inside"])
    }

    @Test func `the last line of a connection needs no line end`() {
        let messages = DecoderVerifier.verify(
            SyslogStreamDecoder.init, [Array("<13>one\n".utf8), Array("<13>two".utf8)], count: 2, closing: true)
        #expect(messages.last?.text("text") == "two")
    }

    @Test func `wrong counts and endless lines are refused within bounds`() {
        for (name, text) in [
            "count-too-big": "99999999 <13>x", "count-larger-than-the-limit": "65537 <13>x",
            "count-without-blank": "12<13>x",
            "zero-count": "0 <13>x", "count-then-no-priority": "12 abcdefghijkl", "binary": "\u{1}\u{2}",
        ] {
            var conversation = Conversation(SyslogStreamDecoder())
            conversation.feed(Array(text.utf8))
            #expect(conversation.error != nil, "\(name)")
        }
        var endless = Conversation(SyslogStreamDecoder())
        endless.feed(Array("<13>".utf8) + [UInt8](repeating: 97, count: 70_000))
        #expect(endless.error?.reason == .tooLarge)
    }

    @Test func `after a gap the next message is found`() {
        var decoder = SyslogStreamDecoder()
        #expect(decoder.resynchronise(Array("rest of line\n<13>next\n".utf8).span.bytes) == 13)
        #expect(decoder.resynchronise(Array("torn 19 <14>1 - h a - - - a".utf8).span.bytes) == 5)
        #expect(decoder.resynchronise(Array("nothing < here <x>".utf8).span.bytes) == nil)
    }

    @Test func `what is encoded decodes to the same`() throws {
        let elements = [
            Syslog.Element("a@1", [.init("k", #"v"]\ "#), .init("empty", "")]), Syslog.Element("b", []),
        ]
        for mark in [false, true] {
            let bytes = Syslog.encode(
                facility: .local6, severity: .debug, timestamp: "2026-11-10T07:31:02.104+07:00", hostname: "kiosk",
                app: "qms", procid: nil, msgid: "TICKET", elements: elements, text: "số thứ tự=A001",
                byteOrderMark: mark)
            let message = try #require(try datagram(SyslogDatagramDecoder(), bytes))
            #expect(message.text("facility") == "local6")
            #expect(message.text("severity") == "debug")
            #expect(message.text("timestamp") == "2026-11-10T07:31:02.104+07:00")
            #expect(message.text("hostname") == "kiosk")
            #expect(message.text("app") == "qms")
            #expect(!message.has("procid"))
            #expect(message.text("msgid") == "TICKET")
            #expect(message.text("sd.a@1.k") == #"v"]\ "#)
            #expect(message.text("sd.a@1.empty") == "")
            #expect(message.text("text") == "số thứ tự=A001")
        }
        let old = Syslog.encodeTraditional(
            facility: .daemon, severity: .warning, timestamp: "Nov  3 01:02:03", hostname: "h", tag: "t[1]", text: "x y"
        )
        let message = try #require(try datagram(SyslogDatagramDecoder(), old))
        #expect(
            Heard(message).fields == [
                "pri=28", "facility=daemon", "severity=warning", "timestamp=Nov  3 01:02:03", "hostname=h", "tag=t[1]",
                "app=t",
                "procid=1", "text=x y",
            ])
    }

    @Test func `times are written as the RFCs want them`() {
        let time = Timestamp(milliseconds: 1_794_270_662_104)
        #expect(Syslog.timestamp(time, offsetMinutes: 420) == "2026-11-10T07:31:02.104+07:00")
        #expect(Syslog.timestamp(time) == "2026-11-10T00:31:02.104Z")
        #expect(Syslog.timestamp(time, offsetMinutes: -210) == "2026-11-09T21:01:02.104-03:30")
        #expect(Syslog.traditionalTimestamp(time, offsetMinutes: 420) == "Nov 10 07:31:02")
        #expect(Syslog.timestamp(Timestamp(milliseconds: -1)) == "1969-12-31T23:59:59.999Z")
        #expect(Syslog.timestamp(Timestamp(milliseconds: 951_782_400_000)) == "2000-02-29T00:00:00.000Z")
    }
}
