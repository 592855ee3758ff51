import Testing

@testable import Wire

struct SIPDialogsTests {
    private struct Line {
        var method: String
        var status: Int?
        var cseq: UInt32 = 1
        var fromCallee = false
        var toTag: String?
        var reason: String?
    }

    /// Each line as a datagram, one second apart.
    private func changes(_ lines: [Line], callId: String = "c@h", _ dialogs: inout SIP.Dialogs) throws -> [SIP.Dialogs
        .Change]
    {
        var out: [SIP.Dialogs.Change] = []
        for (second, line) in lines.enumerated() {
            let caller = SIP.Party(user: "a", host: "h", tag: line.fromCallee ? line.toTag : "f")
            let callee = SIP.Party(user: "b", host: "i", tag: line.fromCallee ? "f" : line.toTag)
            let transaction = SIP.Transaction(
                from: caller, to: callee, callId: callId, cseq: line.cseq, method: line.method, via: "h:5060",
                branch: "z9hG4bK1")
            let headers = line.reason.map { [("Reason", $0)] } ?? []
            let bytes =
                if let status = line.status {
                    SIP.encodeResponse(transaction, status: status, reason: "x", headers: headers)
                } else {
                    SIP.encodeRequest(transaction, headers: headers)
                }
            let message = try #require(try datagram(SIPDatagramDecoder(), bytes))
            if let change = dialogs.accept(message, at: Timestamp(seconds: Int64(second))) { out.append(change) }
        }
        return out
    }

    private func states(_ lines: [Line]) throws -> [String] {
        var dialogs = SIP.Dialogs()
        return try changes(lines, &dialogs).map { "\($0.state)\($0.end.map { " \($0)" } ?? "")" }
    }

    @Test func `a call that is answered and hung up, by either side`() throws {
        for fromCallee in [false, true] {
            var dialogs = SIP.Dialogs()
            let found = try changes(
                [
                    Line(method: "INVITE"), Line(method: "INVITE", status: 100), Line(method: "INVITE"),
                    Line(method: "INVITE", status: 180, toTag: "t"), Line(method: "INVITE", status: 183, toTag: "t"),
                    Line(method: "INVITE", status: 200, toTag: "t"), Line(method: "ACK", toTag: "t"),
                    Line(method: "INVITE", status: 200, toTag: "t"),
                    Line(method: "INVITE", cseq: 2, toTag: "t"),
                    Line(method: "INVITE", status: 488, cseq: 2, toTag: "t"),
                    Line(
                        method: "BYE", cseq: 3, fromCallee: fromCallee, toTag: "t",
                        reason: "Q.850 ;cause=16;text=\"ok\""),
                    Line(method: "BYE", status: 200, cseq: 3, fromCallee: fromCallee, toTag: "t"),
                ], &dialogs)
            #expect(found.map(\.state) == [.invited, .ringing, .answered, .ended])
            #expect(found.last?.end == .hungUp)
            #expect(found.last?.cause == 16)
            #expect(found.last?.invited == Timestamp(seconds: 0))
            #expect(found.last?.answered == Timestamp(seconds: 5))
            #expect(found.last?.at == Timestamp(seconds: 10))
            #expect(dialogs.count == 0)
        }
    }

    @Test func `calls that are given up, refused, or need credentials first`() throws {
        #expect(
            try states([
                Line(method: "INVITE"), Line(method: "INVITE", status: 180, toTag: "t"), Line(method: "CANCEL"),
                Line(method: "CANCEL", status: 200), Line(method: "INVITE", status: 487, toTag: "t"),
            ]) == ["invited", "ringing", "ended cancelled"])
        #expect(
            try states([
                Line(method: "INVITE"), Line(method: "INVITE", status: 407, toTag: "x"),
                Line(method: "ACK", toTag: "x"),
                Line(method: "INVITE", cseq: 2), Line(method: "INVITE", status: 486, cseq: 2, toTag: "t"),
            ]) == ["invited", "ended failed(486)"])
        #expect(
            try states([Line(method: "INVITE"), Line(method: "INVITE", status: 487, toTag: "t")]) == [
                "invited", "ended cancelled",
            ])
        // A CANCEL that came too late ends nothing.
        #expect(
            try states([
                Line(method: "INVITE"), Line(method: "INVITE", status: 200, toTag: "t"), Line(method: "CANCEL"),
            ]) == ["invited", "answered"])
    }

    @Test func `what was not heard from its beginning is not invented`() throws {
        #expect(try states([Line(method: "INVITE", status: 200, toTag: "t"), Line(method: "BYE", toTag: "t")]) == [])
        #expect(
            try states([Line(method: "OPTIONS"), Line(method: "REGISTER"), Line(method: "REGISTER", status: 401)]) == []
        )
        // A re-INVITE tells of a call that is on; its end is known.
        #expect(
            try states([Line(method: "INVITE", toTag: "t"), Line(method: "BYE", cseq: 2, toTag: "t")]) == [
                "ended hungUp"
            ])
    }

    @Test func `there are never more calls than the limit, and the one silent for longest goes`() throws {
        var dialogs = SIP.Dialogs(limit: 8)
        for index in 0..<1_000 {
            _ = try changes([Line(method: "INVITE")], callId: "c\(index)", &dialogs)
            #expect(dialogs.count <= 8)
        }
        #expect(dialogs.forgotten == 992)
        let last = try changes([Line(method: "CANCEL")], callId: "c999", &dialogs)
        #expect(last.map(\.state) == [.ended])
        #expect(try changes([Line(method: "CANCEL")], callId: "c0", &dialogs).isEmpty)
    }
}
