/// What a person said of a stretch of an office-day ("power cut 09:10-09:40"). It travels with the numbers it excuses and
/// never alters one.
public struct Annotation: Hashable, Sendable {
    public var id: String
    public var office: String
    /// Only this counter; `nil`: the whole office.
    public var counter: String?
    public var from: Instant
    /// Exclusive.
    public var until: Instant
    public var text: String
    /// Who said so, as they call themselves.
    public var by: String?
    /// When it was written down.
    public var written: Instant

    public init(
        id: String, office: String, counter: String?, from: Instant, until: Instant, text: String, by: String?,
        written: Instant
    ) {
        self.id = id
        self.office = office
        self.counter = counter
        self.from = from
        self.until = until
        self.text = text
        self.by = by
        self.written = written
    }

    /// UTF-8 bytes of a text and of a name; what is longer is refused, not cut.
    public static let textLimit = 240
    public static let nameLimit = 60

    /// How an annotation touches a visit.
    public struct Touch: OptionSet, Hashable, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }
        /// The visit was waiting in that stretch.
        public static let waiting = Touch(rawValue: 1)
        /// The visit was being called or served in that stretch.
        public static let service = Touch(rawValue: 2)
    }

    /// Whether a visit waited or was served within the stretch. An annotation of one counter touches the legs that were
    /// called there, and the legs never called whose service the counter serves.
    /// - Parameter asOf: where what is still going on is cut.
    public func touch(_ visit: Visit, site: Site, asOf: Instant) -> Touch {
        var touch: Touch = []
        for leg in visit.legs {
            if let counter {
                if let at = leg.counter {
                    guard at == counter else { continue }
                } else if let target = leg.target {
                    guard target == counter else { continue }
                } else if let service = leg.service, let known = site.counter(counter) {
                    guard known.services.contains(service) else { continue }
                }
            }
            let end = leg.until ?? visit.finished ?? asOf
            let called = leg.called ?? leg.started ?? end
            if leg.from < until, from < called, leg.from < called { touch.insert(.waiting) }
            if leg.called != nil || leg.started != nil, called < until, from < end, called < end {
                touch.insert(.service)
            }
        }
        return touch
    }
}

/// The annotations of a day as they stand: what was taken back is not among them.
struct AnnotationBook: Sendable {
    /// What one day may hold; more are counted, and not shown. (The log keeps them all.)
    static let limit = 500

    private var made: [Annotation] = []
    private var retracted: Set<String> = []

    /// `false`: there is no room for one more, or it ends before it begins.
    mutating func note(_ event: DomainEvent) -> Bool {
        switch event.kind {
        case .annotationMade(let id, let until, let text, let by):
            if made.contains(where: { $0.id == id }) { return true }
            guard until > event.at, made.count < Self.limit else { return false }
            made.append(
                Annotation(
                    id: id, office: event.office, counter: event.counter, from: event.at, until: until, text: text,
                    by: by, written: event.observed))
        case .annotationRetracted(let id, _):
            // May come before what it takes back: two writers of one moment are ordered by their epochs.
            guard retracted.count < Self.limit || retracted.contains(id) else { return false }
            retracted.insert(id)
        default: break
        }
        return true
    }

    var standing: [Annotation] { made.filter { !retracted.contains($0.id) } }
}
