import Domain

/// The spools that send here: how far each is stored, what is missing, and what a person must look at.
public struct AgentsQuery: Query {
    public let name = "agents"
    public let summary = "Each agent's watermark, lag and gaps, and the incidents that need a person."
    public let parameters: [String] = []
    public let outputs: [Output] = [.table, .json, .csv]

    public init() {}

    public func answer(_ arguments: Arguments, from days: OfficeDays) async throws -> Answer {
        let now = days.now()
        let offices = try await days.offices()
        // Everything here may span offices: moments are told on the clock of an agent's first office.
        func clock(_ agent: AgentSummary) -> OfficeClock {
            offices.first { $0.id == agent.offices.first }?.clock ?? OfficeClock(offsetSeconds: 0)
        }
        let columns: [Table.Column] = [
            .init("agent"), .init("epoch"), .init("through", numeric: true), .init("highest", numeric: true),
            .init("missing"), .init("records", numeric: true), .init("last_received"),
            .init("lag_ms", "lag", numeric: true),
            .init("last_event"), .init("clock_offset_ms", "clock offset", numeric: true), .init("offices"),
        ]
        let agents = try await days.agents()
        let rows: [[Table.Cell]] = agents.map { agent in
            let clock = clock(agent)
            let missing = agent.missing.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            let epoch = agent.epoch.description
            return [
                .text(agent.agent), .text(arguments.output == .table ? String(epoch.prefix(8)) : epoch),
                .integer(Int64(clamping: agent.through)), .integer(Int64(clamping: agent.highest)),
                .text(missing.isEmpty ? "–" : missing.joined(separator: " ")), .integer(Int64(agent.records)),
                .text(clock.text(agent.lastReceived)), .milliseconds(max(0, now - agent.lastReceived)),
                agent.lastEvent.map { .text(clock.text($0)) } ?? .none, .milliseconds(agent.clockOffset),
                .text(agent.offices.joined(separator: " ")),
            ]
        }
        let incidents = try await days.incidents()
        var table = Table(columns: columns, rows: rows)
        let utc = offices.first { $0.site != nil }?.clock ?? OfficeClock(offsetSeconds: 0)
        if arguments.output == .json {
            let lines = incidents.map { incident in
                "{\"kind\":\"\(incident.kind.rawValue)\",\"subject\":" + jsonString(incident.subject) + ",\"detail\":"
                    + jsonString(incident.detail) + ",\"first\":\"\(utc.text(incident.first))\",\"last\":\""
                    + "\(utc.text(incident.last))\",\"count\":\(incident.count)}"
            }
            let body =
                "{\"agents\":" + table.json.dropLast() + ",\"incidents\":[" + lines.joined(separator: ",\n") + "]}\n"
            return Answer(body, .json, note: rows.isEmpty ? "no data" : nil)
        }
        table.notes =
            incidents.isEmpty
            ? ["", "no incidents"]
            : [""]
                + incidents.map { incident in
                    printable("\(incident.kind.rawValue): \(incident.subject): \(incident.detail)")
                        + (incident.count > 1 ? " (\(incident.count))" : "") + ", last \(utc.text(incident.last))"
                }
        return Answer(table, arguments.output, colour: arguments.colour)
    }
}
