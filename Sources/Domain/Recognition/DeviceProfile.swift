public import Wire

/// How the messages of one kind of device are read: data, not code. A closed language that costs time linear in the
/// message: equality, sets, prefixes, patterns with named captures, value maps, templates. `Recognizer` compiles it.
///
/// Rules are tried in the order they are written; the first that matches gives its event and ends the search, unless it
/// says `continue`. What no rule matches is counted as unmapped.
public struct DeviceProfile: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable { case queue, camera, recorder, meeting, network }

    /// Whose messages these are: the ones the device sends, or also the ones it is sent (a call has two sides).
    public enum Party: String, Hashable, Sendable, CaseIterable { case source, either }

    /// What the body of a message is; its fields are then called `pair.…`, `json.…`, `xml.…`.
    public enum Body: String, Hashable, Sendable, CaseIterable {
        case pairs, json, xml

        /// The first word of its fields' names, with the dot.
        public var prefix: String {
            switch self {
            case .pairs: "pair."
            case .json: "json."
            case .xml: "xml."
            }
        }
    }

    /// Whether somebody saw a real device say this.
    public enum Confidence: String, Hashable, Sendable, CaseIterable { case verified, assumed }

    /// `vendor/model`: the folder's own path.
    public var id: String
    public var name: LocalizedName
    public var kind: Kind
    /// The protocol of rules that name no other.
    public var protocolName: ProtocolName
    public var party: Party
    public var body: Body?
    public var confidence: Confidence
    /// Where the knowledge comes from.
    public var source: String
    /// What every message of `protocolName` must satisfy before any rule of that protocol is tried.
    public var match: [Condition]
    /// Where the device's own time stands, for rules that say nothing else.
    public var stamped: Stamp?
    /// By name, for templates: `{field|map:name}`.
    public var maps: [ValueMap]
    public var rules: [Rule]

    public init(
        id: String, name: LocalizedName, kind: Kind, protocolName: ProtocolName, party: Party = .source,
        body: Body? = nil, confidence: Confidence = .assumed, source: String = "", match: [Condition] = [],
        stamped: Stamp? = nil, maps: [ValueMap] = [], rules: [Rule]
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.protocolName = protocolName
        self.party = party
        self.body = body
        self.confidence = confidence
        self.source = source
        self.match = match
        self.stamped = stamped
        self.maps = maps
        self.rules = rules
    }

    /// One sentence of the language: when it matches, what it means.
    public struct Rule: Hashable, Sendable {
        /// Unique in its profile; provenance says `profile#rule`.
        public var id: String
        /// Another protocol than the profile's; the profile's `match` and `body` then do not apply.
        public var protocolName: ProtocolName?
        public var body: Body?
        /// All must hold.
        public var match: [Condition]
        /// A name of `EventKind.catalogue`; `nil`: the message is understood and means nothing (a keep-alive).
        public var event: String?
        /// Template of the counter it happened at; `nil`: the counter that the site says the device stands at.
        public var counter: String?
        /// Templates by payload key.
        public var payload: [Entry]
        public var stamped: Stamp?
        /// When the event only tells a state again.
        public var restated: [Condition]
        /// The rule is one edge of a state with a key: only the edge that changes something is an event.
        public var pair: Pair?
        /// Rules after this one look at the message too.
        public var continues: Bool

        public init(
            id: String, protocolName: ProtocolName? = nil, body: Body? = nil, match: [Condition] = [], event: String?,
            counter: String? = nil, payload: [Entry] = [], stamped: Stamp? = nil, restated: [Condition] = [],
            pair: Pair? = nil, continues: Bool = false
        ) {
            self.id = id
            self.protocolName = protocolName
            self.body = body
            self.match = match
            self.event = event
            self.counter = counter
            self.payload = payload
            self.stamped = stamped
            self.restated = restated
            self.pair = pair
            self.continues = continues
        }
    }

    /// A payload key and the template of its value.
    public struct Entry: Hashable, Sendable {
        public var key: String
        public var template: String

        public init(_ key: String, _ template: String) {
            self.key = key
            self.template = template
        }
    }

    /// A field that tells the device's own time.
    public struct Stamp: Hashable, Sendable {
        public var field: String
        public var format: StampFormat

        public init(field: String, format: StampFormat) {
            self.field = field
            self.format = format
        }
    }

    /// Words of the device and what they mean.
    public struct ValueMap: Hashable, Sendable {
        public var name: String
        public var entries: [Entry]
        /// For words that are not in the list; `nil`: there is no value then.
        public var otherwise: String?

        public init(name: String, entries: [Entry], otherwise: String? = nil) {
            self.name = name
            self.entries = entries
            self.otherwise = otherwise
        }
    }

    /// One edge of a state that has a key: a call by its Call-ID.
    public struct Pair: Hashable, Sendable {
        public enum Edge: String, Hashable, Sendable, CaseIterable { case start, end }

        public var edge: Edge
        /// Template of the key.
        public var key: String

        public init(_ edge: Edge, key: String) {
            self.edge = edge
            self.key = key
        }
    }
}
