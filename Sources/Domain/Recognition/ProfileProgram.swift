import Wire

/// A profile compiled: rules by protocol, names resolved, cheap checks first.
struct ProfileProgram: Sendable {
    struct Group: Sendable {
        var common: [Check] = []
        var rules: [Rule] = []
        var captureCount = 0
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
        var stamp: (reference: Reference, format: StampFormat)?
        var restated: [Check] = []
        var pair: (edge: DeviceProfile.Pair.Edge, key: Template)?
        var continues = false
    }

    struct Entry: Sendable {
        /// What the site says about such a value.
        enum Meaning: Sendable { case plain, alias, zone }

        var key: String
        var template: Template
        var meaning: Meaning
    }

    private(set) var groups: [ProtocolName: Group] = [:]

    static let ruleLimit = 256

    /// Everything that is wrong, in the order it is written; the program is of use only if nothing is.
    static func compile(_ profile: DeviceProfile) -> (ProfileProgram, [ProfileError]) {
        var compiler = ProfileCompiler(profile)
        var program = ProfileProgram()
        program.groups = compiler.groups()
        return (program, compiler.problems)
    }
}

extension DeviceProfile {
    /// Everything that is wrong with the profile; empty: it can be used.
    public var problems: [ProfileError] { ProfileProgram.compile(self).1 }
}
