public import Domain

/// Words of devices that a site file's `aliases` would have to explain: for counters, for services, and for what is behind
/// a device. Without an alias a word stands in the event as it was said, and is then nobody's counter.
public struct AliasWords: Hashable, Sendable {
    public enum Subject: String, Hashable, Sendable, CaseIterable {
        case counter, service, zone, behind

        fileprivate var words: String {
            switch self {
            case .counter: "counters"
            case .service: "services"
            case .zone: "zones"
            case .behind: "behind it"
            }
        }
    }

    /// Of one kind and device no more are told.
    public static let limit = 32

    private struct Entry: Hashable, Sendable {
        var device: String
        var subject: Subject
        var words: [String]
        var more = 0
    }

    private var entries: [Entry] = []

    public init() {}

    public var isEmpty: Bool { entries.isEmpty }

    mutating func note(_ word: String, as subject: Subject, of device: String = "") {
        if word.isEmpty { return }
        let index = entries.firstIndex { $0.device == device && $0.subject == subject }
        guard let index else {
            entries.append(Entry(device: device, subject: subject, words: [word]))
            return
        }
        if entries[index].words.contains(word) { return }
        if entries[index].words.count < Self.limit {
            entries[index].words.append(word)
        } else {
            entries[index].more = 1
        }
    }

    /// What events say of counters, services and zones, where a sample is all that is known of a site.
    mutating func note(_ events: [DomainEvent], like sample: DeviceFolder.Sample) {
        let known = Set(sample.aliases.map(\.meant))
        note(events, counters: known, services: known)
        for case .cameraPresence(let zone, _) in events.map(\.kind)
        where !sample.zones.contains(where: { $0.name == zone }) {
            note(zone, as: .zone)
        }
    }

    /// What events say of counters and services that the site does not have. A site without services asks for none.
    public mutating func note(_ events: [DomainEvent], of site: Site) {
        note(
            events, counters: Set(site.counters.map(\.id)),
            services: site.services.isEmpty ? nil : Set(site.services.map(\.id)), isByDevice: true)
    }

    /// What devices call something behind them that the site does not know.
    public mutating func note(_ unplaced: UnplacedWords) {
        for word in unplaced.words { note(word.text, as: .behind, of: word.device) }
    }

    private mutating func note(
        _ events: [DomainEvent], counters: Set<String>, services: Set<String>?, isByDevice: Bool = false
    ) {
        for event in events {
            let device = isByDevice ? event.device : ""
            if let counter = event.counter, !counters.contains(counter) { note(counter, as: .counter, of: device) }
            if case .ticketTransferred(_, _, let counter?) = event.kind, !counters.contains(counter) {
                note(counter, as: .counter, of: device)
            }
            if let service = event.kind.service, let services, !services.contains(service) {
                note(service, as: .service, of: device)
            }
        }
    }

    /// `counters 3, 5; services Land`, for each device, in the order in which they were heard.
    public var lines: [(device: String, words: String)] {
        var devices: [String] = []
        for entry in entries where !devices.contains(entry.device) { devices.append(entry.device) }
        return devices.map { device in
            let parts = Subject.allCases.compactMap { subject -> String? in
                guard let entry = entries.first(where: { $0.device == device && $0.subject == subject }) else {
                    return nil
                }
                let words = entry.words.map { Words.shown($0) }.joined(separator: ", ")
                return "\(subject.words) \(words)" + (entry.more > 0 ? ", …" : "")
            }
            return (device, parts.joined(separator: "; "))
        }
    }
}

extension EventKind {
    /// The service that an event names.
    fileprivate var service: String? {
        switch self {
        case .ticketIssued(_, let service, _, _), .ticketTransferred(_, let service, _): service
        case .queueSnapshot, .dossierReceived:
            payload.first { $0.key == "service" }.flatMap { entry in
                if case .text(let text) = entry.value { text } else { nil }
            }
        default: nil
        }
    }
}
