import Domain

extension DayFacts {
    /// With the metrics of the day itself.
    init(_ result: OfficeDayResult) {
        let report = Report.make(
            days: [result], from: result.day, to: result.day + 1, asOf: result.asOf, scope: result.site.office.id,
            clock: result.site.office.clock, by: .cause)
        self.init(result: result, metrics: report.metrics)
    }
}
