internal import Domain

/// The parts of a scenario file that a site file does not have.
extension ScenarioFile {
    static let incidentKeys = ["kind", "device", "at", "for", "probability"]

    static func arrivals(_ top: ScenarioSection) throws(ScenarioProblem) -> Scenario.Arrivals {
        guard let section = try top.section("arrivals", known: ["expected", "profile"]),
            let profile = try section.section("profile", known: [])
        else { throw top.problem("arrivals", "'arrivals' needs 'expected' and 'profile'") }
        var entries: [(from: Int64, weight: Double)] = []
        for key in profile.keys {
            guard let from = ScenarioSection.timeOfDay(key), entries.last.map({ $0.from < from }) ?? true else {
                throw profile.problem(key, "times of the profile grow, like \"07:30\"; not '\(key)'")
            }
            entries.append((from, try profile.number(key, 0, in: 0...10_000)))
        }
        return Scenario.Arrivals(expected: try section.number("expected", 100, in: 0...20_000), profile: entries)
    }

    static func people(_ top: ScenarioSection) throws(ScenarioProblem) -> Scenario.People {
        let section = try top.section(
            "people", known: ["patience", "patienceSpread", "cancels", "walk", "priority", "remote"])
        return Scenario.People(
            patience: try section?.duration("patience", 3_600_000) ?? 3_600_000,
            patienceSpread: try section?.number("patienceSpread", 0.5, in: 0...3) ?? 0.5,
            cancels: try section?.number("cancels", 0.5) ?? 0.5,
            walk: try section?.duration("walk", 12_000) ?? 12_000,
            priority: try section?.number("priority", 0.08) ?? 0.08,
            remote: try section?.number("remote", 0.05) ?? 0.05)
    }

    static func clerks(_ top: ScenarioSection) throws(ScenarioProblem) -> Scenario.Clerks {
        var clerks = Scenario.Clerks()
        let known = [
            "gap", "reaction", "recallAfter", "recalls", "late", "lunchDelay", "staysLate", "stayUpTo", "leaves",
            "leaveFor", "pausesOnLeave", "meetings", "meetingFor", "dawdles", "dawdleFor", "holds", "holdFor",
            "transfers", "transfersToCounter", "forgetsFinish", "forgetsStart", "skipsCall", "tellsOutcome", "company",
        ]
        guard let section = try top.section("clerks", known: known) else { return clerks }
        clerks.gap = try section.duration("gap", clerks.gap)
        clerks.reaction = try section.duration("reaction", clerks.reaction)
        clerks.recallAfter = try section.duration("recallAfter", clerks.recallAfter)
        clerks.recalls = Int(try section.number("recalls", Double(clerks.recalls), in: 0...10))
        clerks.late = try section.duration("late", clerks.late)
        clerks.lunchDelay = try section.duration("lunchDelay", clerks.lunchDelay)
        clerks.staysLate = try section.number("staysLate", clerks.staysLate)
        clerks.stayUpTo = try section.duration("stayUpTo", clerks.stayUpTo)
        clerks.leaves = try section.number("leaves", clerks.leaves, in: 0...100)
        clerks.leaveFor = try section.duration("leaveFor", clerks.leaveFor)
        clerks.pausesOnLeave = try section.number("pausesOnLeave", clerks.pausesOnLeave)
        clerks.meetings = try section.number("meetings", clerks.meetings, in: 0...20)
        clerks.meetingFor = try section.duration("meetingFor", clerks.meetingFor)
        clerks.dawdles = try section.number("dawdles", clerks.dawdles)
        clerks.dawdleFor = try section.duration("dawdleFor", clerks.dawdleFor)
        clerks.holds = try section.number("holds", clerks.holds)
        clerks.holdFor = try section.duration("holdFor", clerks.holdFor)
        clerks.transfers = try section.number("transfers", clerks.transfers)
        clerks.transfersToCounter = try section.number("transfersToCounter", clerks.transfersToCounter)
        clerks.forgetsFinish = try section.number("forgetsFinish", clerks.forgetsFinish)
        clerks.forgetsStart = try section.number("forgetsStart", clerks.forgetsStart)
        clerks.skipsCall = try section.number("skipsCall", clerks.skipsCall)
        clerks.tellsOutcome = try section.number("tellsOutcome", clerks.tellsOutcome)
        clerks.company = try section.number("company", clerks.company)
        return clerks
    }

    static func mishaps(_ top: ScenarioSection) throws(ScenarioProblem) -> Scenario.Mishaps {
        var mishaps = Scenario.Mishaps()
        let known = ["missingIssue", "lateIssue", "repeats", "reissues", "revivals", "strays", "movedCalls"]
        guard let section = try top.section("mishaps", known: known) else { return mishaps }
        mishaps.missingIssue = try section.number("missingIssue", 0)
        mishaps.lateIssue = try section.number("lateIssue", 0)
        mishaps.repeats = try section.number("repeats", 0)
        mishaps.reissues = try section.number("reissues", 0)
        mishaps.revivals = try section.number("revivals", 0)
        mishaps.strays = try section.number("strays", 0)
        mishaps.movedCalls = try section.number("movedCalls", 0)
        return mishaps
    }

    static func incidents(_ top: ScenarioSection) throws(ScenarioProblem) -> [Scenario.Incident] {
        var out: [Scenario.Incident] = []
        for section in try top.sections("incidents", known: incidentKeys) {
            guard let kind = Scenario.Incident.Kind(rawValue: try section.text("kind")) else {
                let known = Scenario.Incident.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw section.problem("kind", "unknown kind '\(try section.text("kind"))'; known: \(known)")
            }
            var from: Int64?
            if let text = try section.optionalText("at") {
                guard let time = ScenarioSection.timeOfDay(text) else {
                    throw section.problem("at", "'at' is a time like \"09:40\", not '\(text)'")
                }
                from = time
            }
            out.append(
                Scenario.Incident(
                    kind: kind, device: try section.text("device"), from: from,
                    duration: try section.duration("for", 900_000), probability: try section.number("probability", 1)))
        }
        return out
    }

    static func noise(_ top: ScenarioSection) throws(ScenarioProblem) -> Scenario.Noise {
        var noise = Scenario.Noise()
        let known = ["perMinute", "mediaEvery", "heartbeatEvery", "reordered", "retransmitted"]
        guard let section = try top.section("noise", known: known) else { return noise }
        noise.perMinute = try section.number("perMinute", noise.perMinute, in: 0...10_000)
        noise.mediaEvery = max(20, try section.duration("mediaEvery", noise.mediaEvery))
        noise.heartbeatEvery = min(max(1_000, try section.duration("heartbeatEvery", noise.heartbeatEvery)), 100_000)
        noise.reordered = try section.number("reordered", noise.reordered)
        noise.retransmitted = try section.number("retransmitted", noise.retransmitted)
        return noise
    }
}
