public import Domain
import Records

/// Writes annotations and retractions into the log, as an agent of its own: the collector's spool has an epoch, dense
/// numbers and a hash chain like every other, its records go through the same ingest, and nothing is ever deleted.
public actor Annotator {
    /// The name under which the collector's own records stand.
    public static let agent = "collector"
    /// The device that annotations are told by.
    static let device = "staff"

    private let days: OfficeDays
    private let ingest: Ingest
    private let now: @Sendable () -> Instant
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(days: OfficeDays, ingest: Ingest, now: @escaping @Sendable () -> Instant) {
        self.days = days
        self.ingest = ingest
        self.now = now
    }

    /// Keeps an annotation. The same words of the same stretch by the same person are the same annotation: asked again,
    /// it is answered again and nothing is written.
    /// - Throws: `QueryError` for what a person must mend, `IngestError` when the store refuses.
    public func annotate(_ draft: AnnotationDraft) async throws -> AnnotationNote {
        let text = try AnnotationDraft.clean(draft.text, "text", limit: Annotation.textLimit)
        let by = try draft.by.map {
            try AnnotationDraft.clean($0, "name", limit: Annotation.nameLimit)
        }
        let office = try await self.office(draft.office)
        let from = try AnnotationDraft.moment(draft.from, "from", office.clock)
        let until = try AnnotationDraft.moment(draft.until, "until", office.clock)
        guard from < until else { throw QueryError.usage("until \(draft.until) is not after from \(draft.from)") }
        let day = office.clock.day(of: from)
        guard until <= office.clock.start(of: day + 1) else {
            throw QueryError.usage("an annotation is about one day: write one for each day from \(day) on")
        }
        guard from <= now() else {
            throw QueryError.usage(
                "\(printable(draft.from)) lies ahead: annotate what happened; planned closings belong in the site file ('closed')"
            )
        }
        guard let result = try await days.result(office: office.id, day: day, asOf: nil) else {
            throw QueryError.unknown("no site file of \(printable(office.id)) is valid on \(day)")
        }
        if let counter = draft.counter, result.site.counter(counter) == nil {
            throw QueryError.usage(
                printable(Words.unknown("counter", counter, known: result.site.counters.map(\.id))))
        }
        return try await exclusively {
            let (id, known) = try await self.identity(
                office, day,
                [
                    office.id, draft.counter ?? "", "\(from.milliseconds)", "\(until.milliseconds)", text, by ?? "",
                ])
            if !known {
                try await self.write(
                    DomainEvent(
                        feed: "annotations", device: Annotator.device, office: office.id, counter: draft.counter,
                        kind: .annotationMade(id: id, until: until, text: text, by: by), observed: self.now(), at: from)
                )
            }
            return try await self.note(office, day, id)
        }
    }

    /// Takes an annotation back, by a record of its own. Taking back what was taken back changes nothing.
    public func retract(_ retraction: AnnotationRetraction) async throws -> Annotation {
        let office = try await self.office(retraction.office)
        let by = try retraction.by.map {
            try AnnotationDraft.clean($0, "name", limit: Annotation.nameLimit)
        }
        let stored = try await self.stored(office)
        let made = stored.compactMap { event -> Annotation? in
            guard case .annotationMade(let id, let until, let text, let by) = event.kind else { return nil }
            return Annotation(
                id: id, office: event.office, counter: event.counter, from: event.at, until: until, text: text, by: by,
                written: event.observed)
        }
        guard let annotation = made.first(where: { $0.id == retraction.id }) else {
            throw QueryError.unknown(
                printable(Words.unknown("annotation", retraction.id, known: made.map(\.id).sorted())))
        }
        return try await exclusively {
            let again = try await self.stored(office)
            if !Annotator.isRetracted(annotation.id, in: again) {
                try await self.write(
                    DomainEvent(
                        feed: "annotations", device: Annotator.device, office: office.id, counter: annotation.counter,
                        kind: .annotationRetracted(id: annotation.id, by: by), observed: self.now(), at: annotation.from
                    ))
            }
            return annotation
        }
    }

    private func office(_ id: String) async throws -> OfficeSummary {
        let all = try await days.offices()
        guard let office = all.first(where: { $0.id == id }) else {
            throw QueryError.unknown(Scope.unknown(id, known: all.map(\.id)))
        }
        return office
    }

    private func stored(_ office: OfficeSummary) async throws -> [DomainEvent] {
        guard let id = try await days.store.officeID(office.id) else { return [] }
        return try await days.store.sideEvents(office: id, .annotation, from: .distantPast, until: .distantFuture)
            .events.map(\.event)
    }

    private static func isRetracted(_ id: String, in events: [DomainEvent]) -> Bool {
        events.contains { if case .annotationRetracted(id, _) = $0.kind { true } else { false } }
    }

    /// Ten hexadecimal digits of the content's digest; what was taken back and is said again gets the next ones.
    private func identity(
        _ office: OfficeSummary, _ day: LocalDay, _ content: [String]
    ) async throws -> (id: String, isKnown: Bool) {
        let events = try await stored(office)
        guard events.count < 100_000 else {
            throw QueryError.usage("this office has 100000 annotations: no more are taken")
        }
        var turn = 0
        while true {
            let bytes: [UInt8] = (content + ["\(turn)"]).flatMap { Array($0.utf8) + [0] }
            let id = hex(sha256(bytes).prefix(5))
            let isMade = events.contains { if case .annotationMade(id, _, _, _) = $0.kind { true } else { false } }
            if !isMade { return (id, false) }
            if !Annotator.isRetracted(id, in: events) { return (id, true) }
            turn += 1
        }
    }

    private func note(_ office: OfficeSummary, _ day: LocalDay, _ id: String) async throws -> AnnotationNote {
        let result = try await days.result(office: office.id, day: day, asOf: nil)
        let notes = result.map { AnnotationNote.notes(on: [$0]) } ?? []
        guard let note = notes.first(where: { $0.annotation.id == id }) else {
            throw QueryError.unknown("\(day) has as many annotations as are shown; this one is in the log only")
        }
        return note
    }

    /// Appends one record to the collector's own spool, through ingest.
    private func write(_ event: DomainEvent) async throws {
        let own = try await days.store.ownSpool()
        var random = SystemRandomNumberGenerator()
        let epoch = own?.epoch ?? Epoch(high: random.next(), low: random.next())
        let agent = own?.agent ?? Annotator.agent
        let through = own?.through ?? 0
        let before = own?.chain ?? Chain(agent: agent, epoch: epoch).hash
        let record = try Record.event(event).encoded()
        guard var chain = Chain(sequence: through, hash: before) else {
            throw StoreError.failed("the collector's own chain is damaged")
        }
        chain.append(record)
        let batch = Batch(
            agent: agent, epoch: epoch, first: through + 1, records: [record], previousHash: before, hash: chain.hash,
            sent: now())
        let receipt = try await ingest.accept(batch.encoded())
        guard receipt.acknowledgedThrough == through + 1 else {
            throw StoreError.failed("the annotation was not taken: \(receipt.problem ?? "no reason given")")
        }
        if own == nil { try await days.store.markOwn(agent: agent, epoch: epoch) }
    }

    /// One writer at a time: the next number and hash follow from the last record.
    private func exclusively<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        while isBusy { await withCheckedContinuation { waiting.append($0) } }
        isBusy = true
        defer {
            isBusy = false
            if !waiting.isEmpty { waiting.removeFirst().resume() }
        }
        return try await body()
    }
}
