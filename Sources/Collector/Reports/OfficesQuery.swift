import Domain

/// The offices that the collector knows.
public struct OfficesQuery: Query {
    public let name = "offices"
    public let summary = "The offices that sent something, and since when."
    public let parameters = ["office"]
    public let outputs: [Output] = [.table, .json, .csv]

    public init() {}

    public func answer(_ arguments: Arguments, from days: OfficeDays) async throws -> Answer {
        let columns: [Table.Column] = [
            .init("office"), .init("name"), .init("under"), .init("timezone"), .init("counters", numeric: true),
            .init("devices", numeric: true), .init("events", numeric: true), .init("first"), .init("last"),
            .init("valid_from"), .init("valid_to"), .init("merged_into"), .init("merged_on"), .init("holidays"),
        ]
        let rows: [[Table.Cell]] = try await days.offices(arguments).map { office in
            let site = office.site
            func text(_ value: String?) -> Table.Cell { value.map { .text($0) } ?? .none }
            return [
                .text(office.id), site.map { .text($0.office.name.vi) } ?? .text("no site file yet"),
                text(site?.office.under), text(site?.office.timezone),
                site.map { .integer(Int64($0.counters.count)) } ?? .none,
                site.map { .integer(Int64($0.devices.count)) } ?? .none, .integer(Int64(office.events)),
                text(office.span.map { office.clock.text($0.lowerBound) }),
                text(office.span.map { office.clock.text($0.upperBound) }),
                text(site?.office.validFrom?.description), text(site?.office.validTo?.description),
                text(site?.office.merged?.into), text(site?.office.merged?.on.description),
                text(site.map { $0.calendar.holidays ?? "none" }),
            ]
        }
        return Answer(Table(columns: columns, rows: rows), arguments.output, colour: arguments.colour)
    }
}
