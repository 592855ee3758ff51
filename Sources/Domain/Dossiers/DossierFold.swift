/// The fold of an office's dossiers: events in, dossiers out. Dossiers live for weeks, so this fold has no day; like the
/// office-day's, it gives the same result for the same set of events in any order, any batches and with any duplicates.
///
/// What many sources do is tell a dossier again with every line they write about it. So:
/// - A receipt that says nothing new is a restatement. One that names another due time restarts the deadline if the
///   applicant has supplemented the dossier since (NĐ 61/2018: the deadline then runs from the beginning); otherwise the
///   due time was moved, which is noted and does not count: a promise is kept or not.
/// - A receipt that differs from a dossier already returned begins another dossier of that code.
/// - A return before any receipt is a dossier whose receipt may still come.
/// - The first return counts; a later one with another time is noted.
public struct DossierFold: Sendable {
    public let office: String
    /// Dossiers of the office; what goes beyond is counted.
    public let limit: Int
    public private(set) var anomalies: [String: Int] = [:]
    public private(set) var eventCount = 0

    private var all: [Entry] = []
    private var latest: [String: Int] = [:]
    private var position: (at: Instant, device: String, id: EventID)?

    private struct Entry: Sendable {
        var dossier: Dossier
        /// A supplement came after the due time that counts was told.
        var isRestartable = false
        var lastSupplement: Instant?
    }

    public init(office: String, limit: Int = 2_000_000) {
        self.office = office
        self.limit = limit
    }

    /// Takes in the next event; kinds that are not of dossiers are passed over. `false`: it lies before the last position
    /// and nothing was changed; fold anew.
    @discardableResult
    public mutating func apply(_ event: DomainEvent) -> Bool {
        guard event.kind.isDossier else { return true }
        guard event.office == office else {
            anomalies["otherOffice", default: 0] += 1
            return true
        }
        if let position {
            if position.id == event.id, position.at == event.at, event.id.sequence > 0 { return true }
            let before = (event.at, event.device) < (position.at, position.device)
            let isTie = event.at == position.at && event.device == position.device
            if before || (isTie && event.id < position.id) { return false }
        }
        position = (event.at, event.device, event.id)
        eventCount += 1
        switch event.kind {
        case .dossierReceived(let code, let service, let due, let channel):
            receive(code, service: service, due: due, channel: channel, at: event.at)
        case .dossierSupplemented(let code):
            supplement(code, at: event.at)
        case .dossierReturned(let code, let finished):
            giveBack(code, at: finished ?? event.at, isTold: finished != nil)
        default: break
        }
        return true
    }

    /// The fold of a whole set, in any order and with any duplicates.
    public static func fold(_ events: some Sequence<DomainEvent>, office: String) -> DossierFold {
        var fold = DossierFold(office: office)
        for event in events.sorted(by: DomainEvent.precedes) { fold.apply(event) }
        return fold
    }

    /// Sorted by `Dossier.precedes`.
    public var dossiers: [Dossier] { all.map(\.dossier).sorted(by: Dossier.precedes) }

    private mutating func begin(_ code: String, ordinal: Int) -> Int? {
        guard all.count < limit, !code.isEmpty else {
            anomalies[code.isEmpty ? "noCode" : "tooManyDossiers", default: 0] += 1
            return nil
        }
        all.append(Entry(dossier: Dossier(office: office, code: code, ordinal: ordinal)))
        latest[code] = all.count - 1
        return all.count - 1
    }

    private mutating func receive(_ code: String, service: String?, due: Instant?, channel: String?, at: Instant) {
        guard let index = latest[code] else {
            if let index = begin(code, ordinal: 1) { fill(index, service, due, channel, at) }
            return
        }
        let known = all[index].dossier
        if known.received == nil {
            // Its return was heard first.
            return fill(index, service, due, channel, at)
        }
        let isNews =
            (due != nil && due != known.due) || (service != nil && known.service != nil && service != known.service)
            || (channel != nil && known.channel != nil && channel != known.channel)
        if isNews, let returned = known.returned, at >= returned {
            if let next = begin(code, ordinal: known.ordinal + 1) { fill(next, service, due, channel, at) }
            return
        }
        if known.service == nil { all[index].dossier.service = service }
        if known.channel == nil { all[index].dossier.channel = channel }
        guard let due, due != known.due else { return }
        if known.due == nil || all[index].isRestartable {
            all[index].dossier.due = due
            all[index].isRestartable = false
        } else {
            all[index].dossier.isDueMoved = true
        }
    }

    private mutating func fill(
        _ index: Int, _ service: String?, _ due: Instant?, _ channel: String?, _ at: Instant
    ) {
        all[index].dossier.received = at
        all[index].dossier.service = service
        all[index].dossier.due = due
        all[index].dossier.channel = channel
    }

    private mutating func supplement(_ code: String, at: Instant) {
        guard let index = latest[code] else {
            anomalies["unknownDossier", default: 0] += 1
            return
        }
        // A second witness of the same word.
        if let last = all[index].lastSupplement, at - last <= OfficeDay.witnessWindow { return }
        all[index].dossier.supplements += 1
        all[index].lastSupplement = at
        all[index].isRestartable = true
    }

    private mutating func giveBack(_ code: String, at: Instant, isTold: Bool) {
        guard let index = latest[code] ?? begin(code, ordinal: 1) else { return }
        guard let known = all[index].dossier.returned else {
            all[index].dossier.returned = at
            return
        }
        // Without a time of its own it may be the same word again.
        if isTold, known != at { all[index].dossier.isReturnedAgain = true }
    }
}
