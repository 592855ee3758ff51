import Domain

/// One office day: as text for a terminal, as the picture, or as data.
public struct DayQuery: Query {
    public let name = "day"
    public let summary =
        "One office day as one picture: who waited and why, what each counter did, what its camera saw."
    public let parameters = ["office", "date", "asOf"]
    public let outputs: [Output] = [.text, .svg, .json]

    public init() {}

    public func answer(_ arguments: Arguments, from days: OfficeDays) async throws -> Answer {
        guard arguments["office"] != nil else { throw QueryError.usage("which office?") }
        guard let office = try await days.offices(arguments).first else { throw QueryError.unknown("no office") }
        let asOf = try arguments.instant("asOf")
        let day = try arguments.day("date") ?? office.clock.day(of: asOf ?? days.now())
        guard let result = try await days.result(office: office.id, day: day, asOf: asOf) else {
            throw QueryError.unknown(
                office.site == nil
                    ? "no data: \(printable(office.id)) has \(office.events) events, but no site file has come yet"
                    : "no data: no site file of \(printable(office.id)) is valid on \(day)")
        }
        let note = result.eventCount == 0 ? "no data on \(day)" : nil
        switch arguments.output {
        case .json: return Answer(result.json, .json, note: note)
        case .svg: return Answer(OfficeDayPicture.svg(result, language: language(arguments)), .svg, note: note)
        default:
            let text = OfficeDayPicture.text(
                result, width: arguments.width, colour: arguments.colour, language: language(arguments))
            return Answer(text, .text, note: note)
        }
    }

    private func language(_ arguments: Arguments) -> Language { arguments["lang"] == "en" ? .en : .vi }
}
