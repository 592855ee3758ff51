import Domain
import Glibc
import Wire

/// `make bench`: packets per second of the whole way, beside a C loop over libpcap that does nothing; and a province's
/// year, folded again.
@main
enum Main {
    static func main() {
        // `--live` starts this program once more, as `deskwatch-agent` would.
        if let code = Listening.helper(CommandLine.arguments) { exit(code) }
        do {
            try Bench(CommandLine.arguments.dropFirst()).run()
        } catch {
            print("deskwatch-bench: \(error)")
            exit(1)
        }
    }
}

struct Bench {
    private var loop = ".build/bench/pcap-loop"
    private var work = ".build/bench"
    private var packets = 1_000_000
    private var rounds = 5
    /// One stage alone, for a profiler.
    private var only: Stage?
    /// Working days of the province to fold, and nothing else.
    private var provinceDays: Int?
    /// Listen on this interface instead, for so many seconds.
    private var live: String?
    private var seconds = 30
    /// Hours of traffic to live through, and nothing else.
    private var soakHours: Int?
    /// Print what a capture holds, and nothing else.
    private var listed: String?
    /// Captures to read one by one, and nothing else.
    private var captures: String?
    /// Device folders whose rules are measured, and nothing else.
    private var devices: String?

    init(_ arguments: some Sequence<String>) throws {
        var words = Array(arguments)[...]
        while let flag = words.popFirst() {
            guard let value = words.popFirst() else { throw CaptureWriter.Failure(description: "\(flag): no value") }
            switch flag {
            case "--c-loop": loop = value
            case "--work": work = value
            case "--packets": packets = max(Int(value) ?? packets, 1_000)
            case "--rounds": rounds = max(Int(value) ?? rounds, 1)
            case "--province": provinceDays = max(Int(value) ?? 250, 1)
            case "--live": live = value
            case "--seconds": seconds = max(Int(value) ?? seconds, 1)
            case "--soak": soakHours = Int(value) ?? 24
            case "--list": listed = value
            case "--captures": captures = value
            case "--devices": devices = value
            case "--only": only = Stage.allCases.first { "\($0)" == value }
            default:
                throw CaptureWriter.Failure(
                    description: "unknown '\(flag)'; known: --c-loop PATH, --work DIR, --packets N, --rounds N, "
                        + "--province DAYS, --soak HOURS, --devices DIR, --captures DIR, --list FILE, "
                        + "--live INTERFACE, --seconds N, "
                        + "--only \(Stage.allCases.map { "\($0)" }.joined(separator: "|"))")
            }
        }
    }

    func run() throws {
        if let provinceDays { return ProvinceRun(days: provinceDays).run() }
        if let live { return try Listening.run(live, seconds: seconds) }
        if let listed { return try Scale.list(listed) }
        if let soakHours { return try Soak(hours: soakHours, work: work).run() }
        if let captures { return try CaptureRun(directory: captures).run() }
        if let devices { return try RecognitionRun.run(devices, work: work) }
        let path = "\(work)/bench.pcap"
        var traffic = Traffic(seed: 1, packets: packets, output: try CaptureWriter(path: path))
        try traffic.write()
        let made = traffic.contents
        let tagged = Self.percent(made.tagged, made.packets)
        let v6 = Self.percent(made.v6, made.packets)
        print(
            "\(path): \(made.packets) packets, \(made.bytes / 1_000_000) MB, \(tagged) % VLAN-tagged, \(v6) % IPv6; "
                + "\(made.syslog) syslog, \(made.sip) SIP, \(made.mqtt) MQTT, \(made.onvif) ONVIF messages")
        // Once unmeasured: the file is in the page cache then, and the counts are checked.
        if only == nil { try check(Runner.run(.fold, path: path, loop: loop), made) }
        var best: [Stage: Outcome] = [:]
        // In turn, so that a busy machine is unfair to nobody.
        for _ in 0..<rounds {
            for stage in Stage.allCases where only == nil || only == stage {
                let outcome = try Runner.run(stage, path: path, loop: loop)
                guard outcome.packets == UInt64(made.packets), outcome.bytes == UInt64(made.bytes) else {
                    throw CaptureWriter.Failure(description: "'\(stage.rawValue)' read something else")
                }
                if outcome.seconds < best[stage]?.seconds ?? .infinity { best[stage] = outcome }
            }
        }
        report(best, packets: made.packets)
        guard only == nil else { return }
        try Scale.run(path)
        // Last, so that all is told before it is judged.
        for (stage, promise) in Self.promises {
            let ratio = (best[.loop]?.seconds ?? 0) / (best[stage]?.seconds ?? .infinity)
            guard ratio >= promise else {
                throw CaptureWriter.Failure(
                    description: "'\(stage.rawValue)': \(Self.decimal(ratio, 2)) of the C loop's speed; promised "
                        + "\(promise)")
            }
        }
    }

    private static let promises: [(stage: Stage, ratio: Double)] = [(.headers, 1.5), (.dissect, 0.6)]

    private func check(_ outcome: Outcome, _ made: Traffic.Contents) throws {
        let counts = outcome.counters
        let found = [counts.messages(.syslog), counts.messages(.sip), counts.messages(.mqtt), counts.messages(.onvif)]
        guard found == [made.syslog, made.sip, made.mqtt, made.onvif], counts.frames == UInt64(made.packets) else {
            throw CaptureWriter.Failure(description: "found \(found) messages, not what was written")
        }
        print("every message found; \(outcome.eventCount) events, \(outcome.visits) visits\n")
    }

    private func report(_ best: [Stage: Outcome], packets: Int) {
        let yardstick = best[.loop]?.seconds ?? 0
        print("best of \(rounds), CPU seconds, one core")
        for stage in Stage.allCases {
            guard let outcome = best[stage] else { continue }
            let name = stage.rawValue + String(repeating: " ", count: max(0, 38 - stage.rawValue.count))
            let speed = Double(packets) / outcome.seconds / 1e6
            print(
                "\(name) \(Self.decimal(outcome.seconds, 3)) s  \(Self.decimal(speed, 2)) M packets/s  "
                    + "\(Self.decimal(yardstick / outcome.seconds, 2)) of the C loop's speed")
        }
        guard let events = best[.fold]?.events, !events.isEmpty else { return }
        let start = Runner.cpuSeconds()
        let day = OfficeDay.fold(events, site: BenchSite.revision.site, day: BenchSite.day)
        let seconds = Runner.cpuSeconds() - start
        print(
            "\nfold alone: \(events.count) events in \(Self.decimal(seconds, 3)) s, "
                + "\(Self.decimal(Double(events.count) / seconds / 1e6, 2)) M events/s (\(day.eventCount) folded)")
    }

    private static func percent(_ part: Int, _ whole: Int) -> String { decimal(100 * Double(part) / Double(whole), 1) }

    static func decimal(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = (value * scale).rounded()
        let whole = Int(rounded / scale)
        let fraction = String(Int(rounded - Double(whole) * scale))
        return "\(whole)." + String(repeating: "0", count: max(0, digits - fraction.count)) + fraction
    }
}
