public import Domain

/// A spool seen from outside, without a lock and without changing anything: also beside a running agent.
public struct SpoolStatus: Hashable, Sendable {
    public var path: String
    public var agent: String
    public var epoch: Epoch
    /// The newest number in the files, and what the receiver has confirmed and may have.
    public var durable: UInt64
    public var acknowledged: UInt64
    public var dispatched: UInt64
    public var bytes: Int
    public var files: Int
    public var quarantinedFiles: [String]
    public var lastRecorded: Instant?
    public var counters: SpoolCounters
    public var lastError: String?
    /// Profiles of the last run that are only assumed to be right.
    public var unverified: [String]

    /// Throws when the folder cannot be read; `nil` if there is no spool in it.
    public init?(path: String) throws(DiskError) {
        let names = try PosixDisk.names(in: path)
        guard names.contains(SpoolState.name),
            let state = SpoolState(try PosixDisk.read(path + "/" + SpoolState.name, from: 0, count: 16_777_216))
        else { return nil }
        self.path = path
        agent = state.agent
        epoch = state.epoch
        acknowledged = state.acknowledged
        dispatched = state.dispatched
        counters = state.counters
        lastError = state.lastError
        unverified = state.unverified
        lastRecorded = state.lastRecorded
        durable = max(state.durable, state.dispatched)
        bytes = 0
        files = 0
        quarantinedFiles = []
        for name in names {
            guard let (_, isBad) = SegmentFile.index(of: name) else { continue }
            // A file may be freed between the listing and the reading.
            guard let content = try? PosixDisk.read(path + "/" + name, from: 0, count: 67_108_864) else { continue }
            files += 1
            bytes += content.count
            if isBad { quarantinedFiles.append(name) }
            guard let last = SegmentScan(content).entries.last else { continue }
            durable = max(durable, last.sequence)
            lastRecorded = max(lastRecorded ?? last.at, last.at)
        }
    }

    /// Label and value, in the order of a person's questions.
    public func rows(clock: OfficeClock) -> [(label: String, value: String)] {
        var out = [
            ("spool", path), ("agent", agent), ("epoch", epoch.description),
            ("last recorded", lastRecorded.map { clock.text($0) } ?? "nothing yet"), ("newest record", String(durable)),
            ("sent through", String(dispatched)), ("confirmed through", String(acknowledged)),
            ("waiting", String(durable - min(acknowledged, durable))), ("files", "\(files), \(bytes) bytes"),
            ("quarantined", quarantinedFiles.isEmpty ? "none" : quarantinedFiles.joined(separator: " ")),
        ]
        for (name, value) in counters.named where value > 0 { out.append((name, String(value))) }
        if !unverified.isEmpty { out.append(("unverified profiles", unverified.joined(separator: ", "))) }
        if let lastError { out.append(("last error", lastError)) }
        return out
    }

    public func json(clock: OfficeClock) -> String {
        var pairs: [(String, String)] = [
            ("spool", jsonString(path)), ("agent", jsonString(agent)), ("epoch", jsonString(epoch.description)),
        ]
        if let lastRecorded { pairs.append(("lastRecorded", jsonString(clock.text(lastRecorded)))) }
        pairs += [
            ("durable", String(durable)), ("dispatched", String(dispatched)), ("acknowledged", String(acknowledged)),
            ("files", String(files)), ("bytes", String(bytes)),
            ("quarantined", "[" + quarantinedFiles.map(jsonString).joined(separator: ",") + "]"),
        ]
        pairs += counters.named.map { ($0.name, String($0.value)) }
        pairs.append(("unverified", "[" + unverified.map(jsonString).joined(separator: ",") + "]"))
        if let lastError { pairs.append(("lastError", jsonString(lastError))) }
        return "{" + pairs.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }
}
