import Domain

/// Folds a province's year again, day by day: what `recompute` does after a change of the rules, without the store.
///
/// Events of one day of the whole province are made (not measured), folded, and forgotten.
struct ProvinceRun {
    var days: Int
    var offices = 160
    var visitsPerDay = 50

    func run() {
        let province = Province(offices: offices, visitsPerDay: visitsPerDay)
        var folding = 0.0
        var results = 0.0
        var events = 0
        var counted = 0
        var witnessed = 0
        var visits = 0
        var waited: Int64 = 0
        for index in 0..<days {
            let day = Province.workingDay(index)
            let logs = province.places.indices.map { province.events(office: $0, day: day) }
            events += logs.reduce(0) { $0 + $1.count }
            let start = Runner.cpuSeconds()
            let folded = zip(province.places, logs).map { OfficeDay.fold($1, site: $0.site, day: day) }
            let middle = Runner.cpuSeconds()
            for state in folded {
                let result = state.result(asOf: .distantFuture)
                counted += result.eventCount
                witnessed += result.witnessedCount
                visits += result.visits.count
                for visit in result.visits { waited += visit.wait }
            }
            let end = Runner.cpuSeconds()
            folding += middle - start
            results += end - middle
        }
        let decimal = Bench.decimal
        print(
            "province-year: \(offices) offices x \(days) days, \(visits) visits, \(events) events "
                + "(\(witnessed) second witnesses), mean wait \(waited / Int64(max(visits, 1)) / 1_000) s")
        print(
            "fold: \(decimal(folding, 2)) s, \(decimal(Double(events) / folding / 1e6, 2)) M events/s; "
                + "results (visits, causes, timeline): \(decimal(results, 2)) s; "
                + "both: \(decimal(Double(events) / (folding + results) / 1e6, 2)) M events/s")
        print("peak memory: \(ProcessMemory.peak / 1_024) MB (VmHWM), events of one day of the province included")
        // A fold that forgets events is fast.
        precondition(counted + witnessed == events, "\(events) events in, \(counted) + \(witnessed) out")
    }
}
