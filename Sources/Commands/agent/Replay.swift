import Agent
import ArgumentParser
import Capture
import Domain
import Wire

#if canImport(Glibc)
    import Glibc
#endif

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Reads captures and files of rows as if they were heard now: prints the events, or forwards them.",
        discussion: """
            FILE is a capture (pcap, pcapng), or a file of rows (CSV, JSON Lines) that a device folder with 'protocol: csv' \
            or 'jsonl' describes; - is standard input. With --site, rows are those of the site's devices. With --profile \
            FOLDER no site is needed: each name that the rows give is a device.
            Without --to and --spool it prints. With --to it ends when the collector has confirmed everything. A replay \
            that was killed and runs again with the same spool adds nothing twice: each file is a feed, named by its \
            content. Each file is read on its own; state does not pass from one to the next.
            --clocks prints a line per device and stretch of time instead, with tabs between: device, class (trusted, \
            skewed, drifting, jumped, wrongYear, dead, frozen, none), offset in seconds (observed - stamped), drift in \
            seconds per day, the first and the last report.
            """)

    enum Form: String, ExpressibleByArgument, CaseIterable { case jsonl }

    @Option(help: ArgumentHelp("The office's site file.", valueName: "file"))
    var site: String?

    @OptionGroup var library: LibraryOptions

    @Option(
        help: ArgumentHelp("A device folder that says how the rows are read; instead of --site.", valueName: "folder"))
    var profile: String?

    @OptionGroup var destination: SpoolOptions

    @Option(help: "Print every event, one JSON object a line.")
    var output: Form?

    @Flag(help: "Print only what a truth can know, in the core form, sorted.")
    var core = false

    @Flag(help: "Print what the devices' clocks are worth, as lines with tabs, instead of events.")
    var clocks = false

    @Option(
        help: ArgumentHelp(
            "Give up on the collector after so long without progress; 0 never does.", valueName: "seconds"))
    var patience = 0

    @Argument(help: ArgumentHelp("Captures or files of rows; - is standard input.", valueName: "file"))
    var files: [String]

    var spools: Bool { destination.to != nil || destination.spool != nil }
    private var prints: Bool { core || output != nil || (!spools && !clocks) }

    func validate() throws {
        switch (site, profile) {
        case (nil, nil): throw ValidationError("give --site FILE, or --profile FOLDER for a file of rows")
        case (.some, .some): throw ValidationError("give --site or --profile, not both")
        case (nil, .some) where spools:
            throw ValidationError("--to and --spool need --site: a collector must know the office of what it is sent")
        default: break
        }
        if spools, files.contains("-") {
            throw ValidationError("a pipe has no name to be known again by: give a file with --to and --spool")
        }
    }

    func run() async throws {
        let source = try ReplaySource(site: site, devices: library.devices, profile: profile)
        let session = try spools ? source.revision.map { try ReplaySession(destination, site: $0) } : nil
        var output = ReplayOutput(clock: source.clock, core: core, prints: prints)
        var clockLines = LineWriter()
        var words = AliasWords()
        var failed = false
        for path in files {
            do {
                let feed = try spools ? FileFeed.name(of: path) : "file:" + path
                var reading = ReplayReading(path: path, session: session, site: source.revision)
                let pipeline = try await reading.read(source, feed: feed) { events in
                    output.take(events)
                    if let site = source.revision?.site { words.note(events, of: site) }
                }
                if source.revision != nil { words.note(pipeline.unplaced) }
                if clocks { for line in pipeline.clockLines(source.clock) { clockLines.write(line) } }
            } catch let error as ProfileError {
                throw stop("\(error)", Code.configuration)
            } catch let error as ParseError {
                say("\(path): \(error.reason.rawValue) at byte \(error.offset); what came before was read")
                failed = true
            } catch let error as ExitCode {
                throw error
            } catch let error as DiskError {
                say("\(error)")
                failed = true
            } catch {
                say("\(error)".contains(path) ? "\(error)" : "\(path): \(error)")
                failed = true
            }
        }
        output.finish()
        clockLines.flush()
        for line in words.lines {
            say("\(line.device): neither the site's ids nor the device's 'aliases' explain \(line.words)")
        }
        if let session { try await session.finish(patience: patience) }
        if failed { throw ExitCode.failure }
    }
}

/// Where the events of a replay go.
struct ReplayOutput: ~Copyable {
    private let clock: OfficeClock
    private let core: Bool
    private let prints: Bool
    private var sorted = CoreForm()
    private var lines = LineWriter()

    init(clock: OfficeClock, core: Bool, prints: Bool) {
        self.clock = clock
        self.core = core
        self.prints = prints
    }

    mutating func take(_ events: [DomainEvent]) {
        if core {
            sorted.append(events)
        } else if prints {
            for event in events { lines.write(event.fullForm(clock: clock)) }
        }
    }

    mutating func finish() {
        if core { for line in sorted.lines(clock: clock) { lines.write(line) } }
        lines.flush()
    }
}

extension Pipeline {
    /// `device TAB class TAB offset TAB drift TAB from TAB to`; numbers in seconds and seconds per day, empty where a
    /// clock said nothing that could be compared.
    fileprivate func clockLines(_ clock: OfficeClock) -> [String] {
        clocks.flatMap { device, stretches in
            stretches.map { stretch in
                let isKnown = stretch.state != .none
                return [
                    device, stretch.state.rawValue, isKnown ? Self.seconds(stretch.offset) : "",
                    isKnown ? Self.seconds(stretch.drift) : "", clock.text(stretch.from), clock.text(stretch.to),
                ].joined(separator: "\t")
            }
        }
    }

    /// Milliseconds as seconds with three decimals.
    private static func seconds(_ milliseconds: Double) -> String {
        let whole = Int64(milliseconds.rounded())
        let thousandths = String(whole.magnitude % 1_000)
        let fraction = String(repeating: "0", count: 3 - thousandths.utf8.count) + thousandths
        return (whole < 0 ? "-" : "") + String(whole.magnitude / 1_000) + "." + fraction
    }
}
