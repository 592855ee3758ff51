import Agent
import Capture
import Domain
import Wire

#if canImport(Glibc)
    import Glibc
#endif

/// What a replay reads by: a site with its profiles, or one profile alone.
struct ReplaySource {
    let revision: SiteRevision?
    let profiles: [DeviceProfile]
    let clock: OfficeClock

    init(site: String?, devices: [String], profile: String?) throws {
        do {
            if let site {
                let library = try ProfileLibrary.loadUsable(ProfileLibrary.locate(explicit: devices, siteFile: site))
                let revision = try loadSite(site, library)
                self.revision = revision
                profiles = library.profiles
                clock = revision.site.office.clock
            } else {
                let profile = try DeviceFolder.load(profile ?? ".").profile
                guard profile.protocolName.isOfFiles else {
                    let known = ProtocolName.allCases.filter(\.isOfFiles).map(\.rawValue).joined(separator: ", ")
                    throw FileProblem(
                        path: profile.id, line: 0,
                        message: "reads \(profile.protocolName.rawValue), which needs --site; without one: \(known)")
                }
                revision = nil
                profiles = [profile]
                clock =
                    profile.file?.timezone.flatMap { OfficeClock(timezone: $0) }
                    ?? OfficeClock(offsetSeconds: 7 * 3_600)
            }
        } catch {
            throw stop("\(error)", Code.configuration)
        }
    }

    /// The profiles of the site's devices that read files; the one profile where there is no site.
    var ofFiles: [DeviceProfile] {
        guard let revision else { return profiles }
        let used = Set(revision.site.devices.map(\.profile))
        return profiles.filter { used.contains($0.id) && $0.protocolName.isOfFiles }
    }

    func pipeline(feed: String) throws(ProfileError) -> Pipeline {
        if let revision { return try Pipeline(site: revision, profiles: profiles, feed: feed) }
        guard let profile = profiles.first else { throw ProfileError(profile: "", message: "no profile") }
        return try Pipeline(profile: profile, clock: clock, feed: feed)
    }
}

/// One file of a replay: read to its end, its events handed on and spooled.
struct ReplayReading {
    struct Unreadable: Error, CustomStringConvertible {
        var description: String
    }

    let path: String
    let session: ReplaySession?
    let site: SiteRevision?
    private var waiting: [DomainEvent] = []
    private var isFirst = true
    private let progress = isatty(STDERR_FILENO) == 1

    init(path: String, session: ReplaySession?, site: SiteRevision?) {
        self.path = path
        self.session = session
        self.site = site
    }

    mutating func read(
        _ source: ReplaySource, feed: String, _ take: ([DomainEvent]) -> Void
    ) async throws -> Pipeline {
        if path == "-", source.ofFiles.isEmpty { return try await capture("/dev/stdin", source, feed, take) }
        var pieces = try FilePieces(path: path)
        var head = try pieces.next()
        // A pipe may begin with very little.
        while head.count < 64 {
            let more = try pieces.next()
            if more.isEmpty { break }
            head += more
        }
        guard !head.isEmpty else { throw Unreadable(description: "\(path): the file is empty") }
        switch FileKind(head) {
        case .capture:
            if path == "-" { throw Unreadable(description: "a capture in a pipe is read as /dev/stdin") }
            return try await capture(path, source, feed, take)
        case .packed(let how): throw Unreadable(description: "\(path) \(how)")
        case .records: return try await rows(&pieces, head, .jsonl, source, feed, take)
        case .rows: return try await rows(&pieces, head, .csv, source, feed, take)
        }
    }

    // MARK: Captures

    private mutating func capture(
        _ path: String, _ source: ReplaySource, _ feed: String, _ take: ([DomainEvent]) -> Void
    ) async throws -> Pipeline {
        guard let revision = source.revision else { throw Unreadable(description: "a capture is read with --site") }
        var driver = try FeedDriver(site: revision, profiles: source.profiles, feed: feed)
        var file = try CaptureFile(path: path)
        var damage: (any Error)?
        var isMore = true
        while isMore {
            var events: [DomainEvent] = []
            do {
                isMore = try file.next { header, bytes in events = driver.frame(header, bytes) }
            } catch {
                damage = error
                isMore = false
            }
            if progress, isMore, file.frameCount.isMultiple(of: 1_000) { show("\(path): \(file.frameCount) frames") }
            if !isMore { events += driver.finish() }
            take(events)
            try await spool(
                events, feed: feed, at: driver.last.map { Instant(milliseconds: $0.milliseconds) }, isEnd: !isMore)
        }
        if progress { show("") }
        if let damage { throw damage }
        return driver.pipeline
    }

    // MARK: Rows

    private mutating func rows(
        _ pieces: inout FilePieces, _ head: [UInt8], _ kind: ProtocolName, _ source: ReplaySource, _ feed: String,
        _ take: ([DomainEvent]) -> Void
    ) async throws -> Pipeline {
        guard let profile = source.ofFiles.first(where: { $0.protocolName == kind }) else {
            let known = source.ofFiles.map { "\($0.id) (\($0.protocolName.rawValue))" }.joined(separator: ", ")
            throw Unreadable(
                description: "\(path) looks like \(kind.rawValue), and no device of the site reads that"
                    + (known.isEmpty ? "" : "; known: \(known)"))
        }
        var rows = RowFeed(
            pipeline: try source.pipeline(feed: feed), feed: feed,
            decoder: RowFeed.decoder(for: profile.file, protocolName: kind))
        var piece = head
        while true {
            let isEnd = piece.isEmpty
            let events = try isEnd ? rows.finish() : rows.read(piece)
            take(events)
            try await spool(events, feed: feed, at: events.first?.at, isEnd: isEnd)
            if progress { show("\(path): \(rows.counters.rows) rows") }
            if isEnd { break }
            piece = try pieces.next()
        }
        if progress { show("") }
        report(rows)
        return rows.pipeline
    }

    /// Says what did not become events; nothing is dropped in silence.
    private func report(_ rows: RowFeed) {
        for fault in rows.counters.faults.prefix(3) { say(fault.told(of: path)) }
        if rows.counters.malformed > 0 {
            say("\(path): \(rows.counters.malformed) rows could not be read and were passed over")
        }
        let counters = rows.pipeline.counters
        var unmapped: UInt64 = 0
        var incomplete: UInt64 = 0
        var elements: UInt64 = 0
        var beside: UInt64 = 0
        for row in counters.rows {
            unmapped += row.tally.unmapped
            incomplete += row.tally.incomplete
            elements += row.tally.unmappedElements
            beside += row.tally.incompleteRules
        }
        let parts = [
            (unmapped, "that no rule is for"), (incomplete, "in which a value is missing"),
            (elements, "elements of lists that no rule is for"), (beside, "more in which a value is missing"),
            (counters.strangers, "of devices that the site does not have"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        if !parts.isEmpty { say("\(path): of \(rows.counters.rows) rows, \(parts.joined(separator: ", "))") }
    }

    // MARK: Both

    private mutating func spool(_ events: [DomainEvent], feed: String, at: Instant?, isEnd: Bool) async throws {
        guard let session, let site else { return }
        if isFirst, let at {
            // Position 0, before the first one's: the collector must know the site before its events.
            try await session.append(site, source: SourcePosition(feed: feed, position: 0), at: at)
            isFirst = false
        }
        waiting += events
        if waiting.count >= 500 || isEnd {
            try await session.append(waiting)
            waiting.removeAll(keepingCapacity: true)
        }
    }

    private func show(_ text: String) {
        let line = "\r" + text + "\u{1b}[K"
        _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
}
