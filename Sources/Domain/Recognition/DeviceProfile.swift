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

    /// Of a rule: only what the device says, or only what it is told.
    public enum Side: String, Hashable, Sendable, CaseIterable { case source, target }

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
    /// Where in the body a list stands whose elements are read one by one (`json.events`).
    public var each: [String]
    /// Fields that are not kept as they are.
    public var privacy: [Privacy]
    public var confidence: Confidence
    /// Where the knowledge comes from.
    public var source: String
    /// What every message of `protocolName` must satisfy before any rule of that protocol is tried.
    public var match: [Condition]
    /// Where the device's own time stands, for rules that say nothing else.
    public var stamped: Stamp?
    /// How the device's own frames are put together; only where the protocol is `framed`.
    public var frame: FrameLayout?
    /// How files are read; only where the protocol is one of files.
    public var file: FileForm?
    /// By name, for templates: `{field|map:name}`.
    public var maps: [ValueMap]
    /// Templates with a name, used as `value.<name>` wherever a field may stand.
    public var values: [Entry]
    public var rules: [Rule]

    public init(
        id: String, name: LocalizedName, kind: Kind, protocolName: ProtocolName, party: Party = .source,
        body: Body? = nil, each: [String] = [], privacy: [Privacy] = [], confidence: Confidence = .assumed,
        source: String = "", match: [Condition] = [],
        stamped: Stamp? = nil, frame: FrameLayout? = nil, file: FileForm? = nil, maps: [ValueMap] = [],
        values: [Entry] = [],
        rules: [Rule]
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.protocolName = protocolName
        self.party = party
        self.body = body
        self.each = each
        self.privacy = privacy
        self.confidence = confidence
        self.source = source
        self.match = match
        self.stamped = stamped
        self.frame = frame
        self.file = file
        self.maps = maps
        self.values = values
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
        /// Of a file's row: when the fact was observed, where that is not the profile's `observed`.
        public var observed: Stamp?
        /// When the event only tells a state again.
        public var restated: [Condition]
        /// The rule is one edge of a state with a key: only the edge that changes something is an event.
        public var pair: Pair?
        /// Template of a key: only the first message with it gives the event.
        public var once: String?
        /// Template of the part of the device whose on/off state it is: a detector, a disk. The event's state is on while
        /// any part's is (of video, recording and reachability: off while any part's is).
        public var key: String?
        /// Milliseconds after which the state that the rule raises ends by itself, if nothing renews it.
        public var expires: Int64?
        /// Template of the device behind this one that it is about: a recorder's channel.
        public var device: String?
        /// What is kept of this message for later ones, and the key of what is known from earlier ones.
        public var remember: Remember?
        public var join: String?
        /// Rules after this one look at the message too.
        public var continues: Bool
        /// `nil`: both what the device says and, for `party: either`, what it is told.
        public var side: Side?

        public init(
            id: String, protocolName: ProtocolName? = nil, body: Body? = nil, match: [Condition] = [], event: String?,
            counter: String? = nil, payload: [Entry] = [], stamped: Stamp? = nil, observed: Stamp? = nil,
            restated: [Condition] = [], pair: Pair? = nil, once: String? = nil, key: String? = nil,
            expires: Int64? = nil,
            device: String? = nil, remember: Remember? = nil, join: String? = nil, continues: Bool = false,
            side: Side? = nil
        ) {
            self.id = id
            self.protocolName = protocolName
            self.body = body
            self.match = match
            self.event = event
            self.counter = counter
            self.payload = payload
            self.stamped = stamped
            self.observed = observed
            self.restated = restated
            self.pair = pair
            self.once = once
            self.key = key
            self.expires = expires
            self.device = device
            self.remember = remember
            self.join = join
            self.continues = continues
            self.side = side
        }
    }

    /// What may become of a field's content.
    public struct Privacy: Hashable, Sendable {
        public enum Treatment: String, Hashable, Sendable, CaseIterable {
            /// No template may use it.
            case drop
            /// Templates get its hash.
            case hash
            case keep
        }

        public var field: String
        public var treatment: Treatment

        public init(_ field: String, _ treatment: Treatment) {
            self.field = field
            self.treatment = treatment
        }

        /// What becomes of a field: the strictest of what is said of it, of all below a name that ends in a star too.
        static func treatment(of name: String, _ all: [Privacy]) -> Treatment {
            func isBelow(_ name: String, _ star: String) -> Bool {
                star.hasSuffix(".*") && name.hasPrefix(star.dropLast())
            }
            let said = all.filter { $0.field == name || isBelow(name, $0.field) || isBelow($0.field, name) }
            let treatments = said.map(\.treatment)
            return treatments.contains(.drop) ? .drop : treatments.contains(.hash) ? .hash : .keep
        }
    }

    /// Values that later messages of the device leave out, by a key that they name: then `{joined.<name>}`.
    public struct Remember: Hashable, Sendable {
        /// Template of the key.
        public var key: String
        public var values: [Entry]

        public init(key: String, values: [Entry]) {
            self.key = key
            self.values = values
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

    /// Where a time stands: in a field, or in a template where it is put together (`{column.date} {column.time}`).
    public struct Stamp: Hashable, Sendable {
        public enum Place: Hashable, Sendable {
            case field(String)
            case template(String)
        }

        public var place: Place
        public var format: StampFormat

        public init(_ place: Place, format: StampFormat) {
            self.place = place
            self.format = format
        }

        public init(field: String, format: StampFormat) {
            self.init(.field(field), format: format)
        }
    }

    /// How the rows or records of a file are read, before any rule looks at them.
    public struct FileForm: Hashable, Sendable {
        /// Template of the name of the device that a row is about; `nil`: all of the file is one device's.
        public var device: String?
        /// Template of the office, for files that are read without a site; `nil`: the device's name stands for it.
        public var office: String?
        /// When a row was observed; `nil`: the time its own stamp tells, since a file has no other.
        public var observed: Stamp?
        /// Of CSV: the separator; `nil`: found in the header.
        public var separator: UInt8?
        /// Of CSV: the columns' names, for files without a header.
        public var columns: [String]
        /// IANA name, for files that are read without a site.
        public var timezone: String?

        public init(
            device: String? = nil, office: String? = nil, observed: Stamp? = nil, separator: UInt8? = nil,
            columns: [String] = [], timezone: String? = nil
        ) {
            self.device = device
            self.office = office
            self.observed = observed
            self.separator = separator
            self.columns = columns
            self.timezone = timezone
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
