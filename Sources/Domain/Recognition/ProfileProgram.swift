import Wire

/// A profile compiled: rules by protocol, names resolved, cheap checks first.
struct ProfileProgram: Sendable {
    struct Group: Sendable {
        var common: [Check] = []
        var rules: [Rule] = []
        var captureCount = 0
        /// What the profile has given names, as far as rules of this protocol use them.
        var values: [Template] = []
        /// Where a list stands whose elements are read one by one, and in which body.
        var each: [(path: String, body: DeviceProfile.Body?)] = []
    }

    struct Rule: Sendable {
        var id: String
        /// Checks that need only the message itself, cheapest first.
        var early: [Check] = []
        /// Checks that need the body, and those of names captured there.
        var late: [Check] = []
        /// Set if anything in the rule needs the body.
        var body: DeviceProfile.Body?
        var event: String?
        var counter: Template?
        var payload: [Entry] = []
        var stamp: Stamp?
        var observed: Stamp?
        var restated: [Check] = []
        var pair: (edge: DeviceProfile.Pair.Edge, key: Template)?
        var once: Template?
        var key: Template?
        var expires: Int64?
        var device: Template?
        var remember: (key: Template, values: [(name: String, template: Template)])?
        /// The key of what is remembered, and the slots that its values go to.
        var join: (key: Template, slots: [(name: String, slot: Int)])?
        var continues = false
        /// What its captures are called, by slot; for people.
        var captureNames: [String] = []
        /// Whether it is about what the device is told (`true`) or says (`false`); `nil`: both.
        var isOfTarget: Bool?
    }

    /// A time, resolved: read in place, or put together first.
    struct Stamp: Sendable {
        enum Place: Sendable {
            case reference(Reference)
            case template(Template)
        }

        var place: Place
        var format: StampFormat

        var references: [Reference] {
            switch place {
            case .reference(let reference): [reference]
            case .template(let template): template.references
            }
        }

        func instant(_ reading: borrowing Reading, clock: OfficeClock, heard: Instant) -> Instant? {
            if case .reference(.field(let name)) = place {
                // Most times are read where they stand.
                var instant: Instant?
                let isText = reading.message.withText(name) { text in
                    instant = format.instant(of: text, clock: clock, heard: heard)
                    return true
                }
                if isText != nil { return instant }
            }
            let text =
                switch place {
                case .reference(let reference): reading.text(reference)
                case .template(let template): template.text(reading)
                }
            return text.flatMap { format.instant(of: $0, clock: clock, heard: heard) }
        }
    }

    /// What a file's row says before any rule: whose it is, and when it was observed.
    struct FileForm: Sendable {
        var device: Template?
        var office: Template?
        var observed: Stamp?
    }

    struct Entry: Sendable {
        /// What the site says about such a value.
        enum Meaning: Sendable { case plain, alias, zone }

        var key: String
        var template: Template
        var meaning: Meaning
        /// What the key holds.
        var kind: EventKind.ValueKind
    }

    /// The rules of one protocol, ready to be used. A class, as are its rules: looking at a rule must not copy it
    /// (MEASURED: a copy is twenty reference counts).
    final class Plan: Sendable {
        let group: Group
        private let protocolName: ProtocolName
        let isList: Bool
        /// Which rules are left of a message as it comes.
        let whole: Dispatch
        /// The same of what its rules are asked: of a list, its elements or what came instead of it.
        let dispatch: Dispatch
        let checks: CheckProgram
        let common: CheckProgram.Row
        let gists: [Gist]
        let rules: [PlannedRule]

        init(_ group: Group, of protocolName: ProtocolName, profile: String) {
            self.group = group
            self.protocolName = protocolName
            isList = !group.each.isEmpty
            let whole = Dispatch(Self.asked(group, protocolName))
            self.whole = whole
            dispatch = isList ? Dispatch(Self.askedOfElements(group)) : whole
            var checks = CheckProgram()
            common = checks.add(group.common)
            gists = group.rules.map { rule in
                Gist(
                    early: checks.add(rule.early), late: checks.add(rule.late), body: rule.body,
                    isOfTarget: rule.isOfTarget)
            }
            self.checks = checks
            rules = group.rules.map { PlannedRule($0, profile: profile) }
        }

        /// What each rule asks of a message as it comes.
        var asked: [Dispatch.Asked] { Self.asked(group, protocolName) }

        private static func asked(_ group: Group, _ protocolName: ProtocolName) -> [Dispatch.Asked] {
            let shared = Needs(values: group.values).rows(group.common)
            // Where a row is a list, what its elements say stands under other names in it.
            if group.each.contains(where: { $0.body == nil }) {
                return group.rules.map { _ in Dispatch.Asked(early: group.common, needs: shared) }
            }
            let made = group.each.map(\.path).filter { $0.hasSuffix(".*") }.map { String($0.dropLast()) + "key" }
            let fields = Protocols.fields(of: protocolName).map(\.rawValue)
            return group.rules.map { rule in
                var needs = shared + Needs(values: group.values).rows(rule.early)
                // A protocol that has such fields of its own has them in no body.
                if let body = rule.body, !fields.contains(where: { $0.hasPrefix(body.prefix) }) {
                    needs += Needs(body: body, values: group.values, made: made).rows(rule.late)
                }
                return Dispatch.Asked(early: group.common + rule.early, needs: needs)
            }
        }

        /// What each rule asks of an element of a list, which is a message of its own without a body: the shared conditions
        /// do not speak of it.
        private static func askedOfElements(_ group: Group) -> [Dispatch.Asked] {
            group.rules.map { Dispatch.Asked(early: $0.early, needs: Needs(values: group.values).rows($0.early)) }
        }
    }

    /// What turns a message away from a rule.
    struct Gist: Sendable {
        var early: CheckProgram.Row
        var late: CheckProgram.Row
        var body: DeviceProfile.Body?
        var isOfTarget: Bool?
    }

    final class PlannedRule: Sendable {
        let rule: Rule
        /// `profile#rule`: what an event's provenance says.
        let name: String
        let kind: EventKind.Name?
        /// Its event is of a life that lasts for weeks.
        let isOfDossier: Bool

        init(_ rule: Rule, profile: String) {
            self.rule = rule
            name = profile + "#" + rule.id
            kind = rule.event.flatMap { EventKind.Name(rawValue: $0) }
            isOfDossier = rule.event?.hasPrefix("dossier.") == true
        }
    }

    /// By protocol, in the order of `ProtocolName.allCases`.
    private(set) var plans: [Plan?] = []
    private(set) var file: FileForm?

    static let ruleLimit = 256

    /// Everything that is wrong, in the order it is written; the program is of use only if nothing is.
    static func compile(_ profile: DeviceProfile) -> (ProfileProgram, [ProfileError]) {
        var compiler = ProfileCompiler(profile)
        var program = ProfileProgram()
        let groups = compiler.groups()
        program.plans = ProtocolName.allCases.map { name in groups[name].map { Plan($0, of: name, profile: profile.id) }
        }
        program.file = compiler.file()
        return (program, compiler.problems)
    }
}

extension DeviceProfile {
    /// Everything that is wrong with the profile; empty: it can be used.
    public var problems: [ProfileError] { ProfileProgram.compile(self).1 }
}
