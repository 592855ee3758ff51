internal import Wire

/// The SIP messages of one call between a meeting endpoint and its far end (RFC 3261).
struct CallFlow {
    let local: Endpoint
    let remote: Endpoint
    let id: String
    /// The endpoint called, or was called.
    let isOutgoing: Bool
    let user: String

    private var token: String { FNV1a.text(id.utf8) }
    private var localParty: SIP.Party {
        SIP.Party(user: user, host: "\(local.address)", tag: String(token.prefix(8)))
    }
    private var remoteParty: SIP.Party {
        SIP.Party(user: "room-7788", host: "\(remote.address)", tag: String(token.suffix(8)))
    }

    /// - Parameters:
    ///   - fromCaller: the caller asks, or the one who was called.
    ///   - isFirst: the other side's tag is not known yet.
    private func transaction(_ method: String, cseq: UInt32, fromCaller: Bool, isFirst: Bool = false) -> SIP.Transaction
    {
        let fromLocal = fromCaller == isOutgoing
        var to = fromLocal ? remoteParty : localParty
        if isFirst { to.tag = nil }
        let sender = fromLocal ? local : remote
        return SIP.Transaction(
            from: fromLocal ? localParty : remoteParty, to: to, callId: id, cseq: cseq, method: method,
            via: "\(sender.address):\(sender.port)", branch: "z9hG4bK\(token.prefix(10))\(cseq)\(method.prefix(1))")
    }

    /// Whether the endpoint itself sends what the caller sends.
    func isLocal(fromCaller: Bool) -> Bool { fromCaller == isOutgoing }

    private func sdp(ofCaller: Bool, hold: Bool = false) -> [UInt8] {
        let side = isLocal(fromCaller: ofCaller) ? local : remote
        return SIP.encodeSDP(
            address: "\(side.address)", audioPort: mediaPort(ofLocal: isLocal(fromCaller: ofCaller)),
            direction: hold ? "inactive" : "sendrecv")
    }

    func mediaPort(ofLocal: Bool) -> UInt16 {
        let base = UInt16(truncatingIfNeeded: FNV1a.hash64(id.utf8) % 1_000)
        return (ofLocal ? 16_384 : 24_000) + base * 4
    }

    func invite(cseq: UInt32 = 1, hold: Bool = false) -> [UInt8] {
        let contact = isOutgoing ? localParty : remoteParty
        return SIP.encodeRequest(
            transaction("INVITE", cseq: cseq, fromCaller: true, isFirst: cseq == 1),
            contact: SIP.Party(user: contact.user, host: contact.host),
            headers: [
                ("User-Agent", isOutgoing ? "room-kit/9" : "mcu/4"), ("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS"),
            ],
            contentType: "application/sdp", body: sdp(ofCaller: true, hold: hold))
    }

    func provisional(_ status: Int, _ reason: String) -> [UInt8] {
        SIP.encodeResponse(
            transaction("INVITE", cseq: 1, fromCaller: true, isFirst: status == 100), status: status, reason: reason)
    }

    func accept(cseq: UInt32 = 1) -> [UInt8] {
        let contact = isOutgoing ? remoteParty : localParty
        return SIP.encodeResponse(
            transaction("INVITE", cseq: cseq, fromCaller: true), status: 200, reason: "OK",
            contact: SIP.Party(user: contact.user, host: contact.host), contentType: "application/sdp",
            body: sdp(ofCaller: false))
    }

    func refuse(_ status: Int, _ reason: String) -> [UInt8] {
        SIP.encodeResponse(transaction("INVITE", cseq: 1, fromCaller: true), status: status, reason: reason)
    }

    func acknowledge(cseq: UInt32 = 1) -> [UInt8] {
        SIP.encodeRequest(transaction("ACK", cseq: cseq, fromCaller: true))
    }

    func cancel() -> [UInt8] {
        SIP.encodeRequest(transaction("CANCEL", cseq: 1, fromCaller: true, isFirst: true))
    }

    func cancelled() -> [UInt8] {
        SIP.encodeResponse(transaction("CANCEL", cseq: 1, fromCaller: true, isFirst: true), status: 200, reason: "OK")
    }

    func bye(fromLocal: Bool) -> [UInt8] {
        SIP.encodeRequest(transaction("BYE", cseq: 7, fromCaller: fromLocal == isOutgoing))
    }

    func byeAnswer(toLocal: Bool, status: Int = 200, reason: String = "OK") -> [UInt8] {
        SIP.encodeResponse(
            transaction("BYE", cseq: 7, fromCaller: toLocal == isOutgoing), status: status, reason: reason)
    }

    /// REGISTER, and its answer: the endpoint's sign of life.
    static func register(_ local: Endpoint, at registrar: Endpoint, user: String, count: Int, answer: Bool) -> [UInt8] {
        let party = SIP.Party(user: user, host: "\(registrar.address)", tag: "r\(FNV1a.text(user.utf8).prefix(6))")
        var to = SIP.Party(user: user, host: "\(registrar.address)")
        if answer { to.tag = "s\(count)" }
        let transaction = SIP.Transaction(
            from: party, to: to, callId: "\(FNV1a.text("register \(user)".utf8))@\(local.address)",
            cseq: UInt32(truncatingIfNeeded: count), method: "REGISTER", via: "\(local.address):\(local.port)",
            branch: "z9hG4bKreg\(count)")
        let contact = SIP.Party(user: user, host: "\(local.address)", port: local.port)
        return answer
            ? SIP.encodeResponse(
                transaction, status: 200, reason: "OK", contact: contact, headers: [("Expires", "120")])
            : SIP.encodeRequest(
                transaction, uri: "sip:\(registrar.address)", contact: contact, headers: [("Expires", "120")])
    }
}
