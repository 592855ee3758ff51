import Domain

extension CollectorServer {
    /// Prometheus text format 0.0.4: every arrow's counter. Counters that end with the process start at 0 with it; events
    /// per office are counted in the store and go on.
    func metrics() async throws -> String {
        var page = MetricsPage()
        let values = counters.now
        page.add("deskwatch_build_info", .gauge, "What runs here.", [(["version": deskwatchVersion], 1)])
        page.add(
            "deskwatch_start_timestamp_seconds", .gauge, "When this process started.",
            Double(started.milliseconds) / 1_000)
        page.add("deskwatch_ingest_batches_total", .counter, "Batches that could be read.", values.batches)
        page.add("deskwatch_ingest_bytes_total", .counter, "Bytes of those batches.", values.bytes)
        page.add(
            "deskwatch_ingest_records_total", .counter,
            "Records in those batches: the sum of stored, duplicate, conflicting and refused ones.", values.records)
        page.add(
            "deskwatch_ingest_records_stored_total", .counter, "Records that were new and are on stable storage.",
            values.stored)
        page.add(
            "deskwatch_ingest_records_duplicate_total", .counter, "Records that were stored already, byte for byte.",
            values.duplicates)
        page.add(
            "deskwatch_ingest_records_conflicting_total", .counter,
            "Records that came with other bytes than the stored ones of that number.", values.conflicts)
        page.add(
            "deskwatch_ingest_records_refused_total", .counter, "Records in batches that were not taken.",
            values.refusedRecords)
        page.add(
            "deskwatch_ingest_records_undecodable_total", .counter,
            "Stored records whose bytes do not decode.", values.undecodable)
        page.add(
            "deskwatch_ingest_chain_breaks_total", .counter, "Hash chains that did not continue ours.",
            values.chainBreaks)
        page.add(
            "deskwatch_ingest_rejected_total", .counter, "Requests that were not taken, by reason.",
            values.rejected.sorted { $0.key < $1.key }.map { (["reason": $0.key], Double($0.value)) })
        page.add("deskwatch_store_commits_total", .counter, "Transactions of batches.", values.commits)
        page.add(
            "deskwatch_store_commit_seconds_total", .counter, "Time those took, the fsync included.",
            values.commitSeconds)
        page.add(
            "deskwatch_office_day_folds_total", .counter, "Folds and continued folds of office-days.", values.folds)
        page.add(
            "deskwatch_office_day_refolds_total", .counter,
            "Folds made anew because of late events or a new site file.",
            values.refolds)
        page.add("deskwatch_office_day_fold_seconds_total", .counter, "Time those took.", values.foldSeconds)
        page.add("deskwatch_queries_total", .counter, "Questions asked.", values.answers)
        page.add("deskwatch_queries_refused_total", .counter, "Questions that were put wrongly.", values.refusedAnswers)
        let offices = try await days.offices()
        page.add(
            "deskwatch_events_stored_total", .counter, "Events stored, by office.",
            offices.map { (["office": $0.id], Double($0.events)) })
        page.add(
            "deskwatch_last_event_timestamp_seconds", .gauge, "When the latest event of an office happened.",
            offices.compactMap { office in
                office.span.map { (["office": office.id], Double($0.upperBound.milliseconds) / 1_000) }
            })
        let spools = try await days.agents()
        page.add("deskwatch_spools", .gauge, "Spools (agent and epoch) that sent something.", spools.count)
        page.add(
            "deskwatch_records_missing", .gauge, "Sequence numbers that are missing below a stored one.",
            spools.flatMap(\.missing).reduce(0) { $0 + $1.count })
        let incidents = try await days.incidents()
        page.add(
            "deskwatch_incidents", .gauge, "What needs a person, by kind.",
            Incident.Kind.allCases.map { kind in
                (["kind": kind.rawValue], Double(incidents.count { $0.kind == kind }))
            })
        return page.text
    }
}

/// The collector's version.
public let deskwatchVersion = "0.1.0"

/// Families with their help and type, in the order in which they are added.
struct MetricsPage {
    enum Kind: String { case counter, gauge }

    private(set) var text = ""

    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        add(name, kind, help, Double(value))
    }

    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        add(name, kind, help, [([:], value)])
    }

    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ samples: [([String: String], Double)]) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
        for (labels, value) in samples {
            let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(MetricsPage.escaped($0.value))\"" }
            let number = value.rounded() == value && value.magnitude < 1e15 ? String(Int64(value)) : String(value)
            text += name + (pairs.isEmpty ? "" : "{" + pairs.joined(separator: ",") + "}") + " \(number)\n"
        }
    }

    /// Label values: backslash, quote and line feed are escaped (exposition format 0.0.4).
    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
