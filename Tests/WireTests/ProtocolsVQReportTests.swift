import Testing

@testable import Wire

struct ProtocolsVQReportTests {
    private func report(_ text: String) -> Message? { VQReport.message(Array(text.utf8).span.bytes) }

    @Test func `a report gives its metrics as written, and those with a meaning under their own names`() throws {
        let message = try #require(
            report(
                """
                VQSessionReport: CallTerm\r
                CallID: c1@h\r
                LocalID: "Nguyen" <sip:1@example.com>\r
                OrigID:<sip:1@example.com>\r
                LocalAddr:IP=192.0.2.1 PORT=5000 SSRC=0x1\r
                RemoteAddr: IP=2001:db8::2 PORT=5002 SSRC=0x2\r
                LocalMetrics:\r
                Timestamps:START=2015-02-23T02:35:01Z STOP=2015-02-23T02:35:46Z\r
                SessionDesc:PT=9 PD="G722" PPS=50\r
                PacketLoss:NLR=1.5 JDR=0.0\r
                Delay: RTD=35 ESD=177 IAJ=4\r
                QualityEst:RCQ=92 MOSLQ=127 MOSCQ=3.8\r
                RemoteMetrics:\r
                PacketLoss:NLR=9.9 JDR=9\r
                DialogID:c1@h;to-tag=t;from-tag=f

                """))
        #expect(
            Heard(message).fields == [
                "report=session", "event=CallTerm", "call-id=c1@h", "local-address=192.0.2.1",
                "remote-address=2001:db8::2",
                "local.Timestamps.START=2015-02-23T02:35:01Z", "local.Timestamps.STOP=2015-02-23T02:35:46Z",
                "local.SessionDesc.PT=9", "local.SessionDesc.PD=G722", "local.SessionDesc.PPS=50",
                "local.PacketLoss.NLR=1.5",
                "local.PacketLoss.JDR=0.0", "local.Delay.RTD=35", "local.Delay.ESD=177", "local.Delay.IAJ=4",
                "local.QualityEst.RCQ=92", "local.QualityEst.MOSLQ=127", "local.QualityEst.MOSCQ=3.8",
                "remote.PacketLoss.NLR=9.9", "remote.PacketLoss.JDR=9", "start=2015-02-23T02:35:01Z",
                "stop=2015-02-23T02:35:46Z", "codec=G722", "jitter=4", "loss=1.5", "discarded=0.0", "round-trip=35",
                "mos=3.8",
            ])
    }

    @Test func `metrics without groups, and values that mean not measured`() throws {
        let message = try #require(
            report("VQIntervalReport\n: \nVQIntervalReport:\nNLR=0.50 JDR=127\nRTD=45.5 IAJ=5.2\nMOSCQ=0 MOSLQ=nan"))
        #expect(message.text("report") == "interval")
        #expect(message.text("loss") == "0.50")
        #expect(message.text("jitter") == "5.2")
        #expect(message.text("local.NLR") == "0.50")
        #expect(!message.has("mos"))
        #expect(!message.has("mos-listening"))
        #expect(!message.has("discarded"))
    }

    @Test func `it comes behind the SIP message that carries it, and back from what is encoded`() throws {
        let body = VQReport.encode(
            callId: "c9", start: "2026-11-10T00:31:02Z", stop: "2026-11-10T00:41:02Z", jitter: "7", loss: "0.3",
            roundTrip: "20", mos: "4.1")
        let transaction = SIP.Transaction(
            from: .init(user: "a", host: "h"), to: .init(user: "b", host: "i"), callId: "p", cseq: 1, method: "PUBLISH",
            via: "h:5060", branch: "z9hG4bK1")
        let bytes = SIP.encodeRequest(
            transaction, headers: [("Event", "vq-rtcpxr")], contentType: "application/vq-rtcpxr", body: body)
        let sip = try #require(try datagram(SIPDatagramDecoder(), bytes))
        let report = try #require(Protocols.expand(sip).first)
        #expect(report.protocolName == .vqRTCPXR)
        for (name, value) in [
            ("call-id", "c9"), ("jitter", "7"), ("loss", "0.3"), ("round-trip", "20"), ("mos", "4.1"),
            ("event", "CallTerm"),
        ] {
            #expect(report.text(FieldName(name)) == value)
        }
    }

    static let broken: [(String, String)] = [
        ("empty", ""), ("no-report", "LocalMetrics:\nPacketLoss:NLR=1"), ("text", "hello world"),
        ("binary", "\u{0}\u{1}=\u{2}:"), ("only-colon", ":"),
    ]

    @Test(arguments: broken) func `what is no report is none`(name: String, text: String) {
        #expect(report(text) == nil, "\(name)")
    }

    @Test func `endless reports are bounded`() throws {
        let many = "VQAlertReport: Type=NLR Severity=Critical\n" + String(repeating: "A:B=1 C=2\n", count: 10_000)
        let message = try #require(report(many))
        #expect(message.text("report") == "alert")
        #expect(message.fieldCount <= VQReport.metricLimit + 8)
    }

    @Test(.enabled(if: !SharedFiles.missing)) func `recorded reports are read`() throws {
        let expected: [String: [String?]] = [
            "opus_zero.txt": ["0", "0", "0", nil], "short_callterm.txt": ["5.2", "0.50", "45.5", "4.2"],
            "yealink_like_callterm.txt": ["0", "0.0", "0", "3.8"],
        ]
        for name in try SharedFiles.names("vq-rtcpxr") {
            guard let wanted = expected[name] else { continue }
            let bytes = try SharedFiles.bytes("messages/vq-rtcpxr/\(name)")
            let decoded = VQReport.message(bytes.span.bytes)
            let report = try #require(decoded)
            let found = ["jitter", "loss", "round-trip", "mos"].map { report.text(FieldName($0)) }
            #expect(found == wanted, "\(name)")
        }
    }
}
