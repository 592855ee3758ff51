import Capture
import Glibc
import Wire

/// `--live INTERFACE`: the agent's way from a real interface, through a capture helper: what came, what was dropped, what
/// it cost both processes.
///
/// The other side is `pcap-loop FILE INTERFACE RATE SECONDS` in a network namespace of its own.
enum Listening {
    /// This process as a capture helper, if that is what it was started for; its exit code.
    static func helper(_ words: [String]) -> Int32? {
        guard words.count == 6, words[1] == HelperProcess.command else { return nil }
        var options = CaptureHelper.Options(interface: words[3])
        options.parent = Int32(words[5])
        return CaptureHelper.run(options) { perror($0) }
    }

    static func run(_ interface: String, seconds: Int) throws {
        let helper = try HelperProcess(interface: interface)
        var capture = try HelperCapture(helper, filter: CaptureFilter(devices: []))
        let theirs = cpuSeconds(of: helper.identifier)
        var dissector = Dissector()
        var messages: UInt64 = 0
        let end = now() + Double(seconds)
        let cpu = Runner.cpuSeconds()
        var first: Double?
        var last = 0.0
        print("listening on \(interface) for \(seconds) s")
        while now() < end {
            // A look at the clock for each frame would be a third of its cost.
            for _ in 0..<1_024 {
                let isFrame = try capture.next { header, bytes in
                    dissector.dissect(bytes, header) { _ in messages &+= 1 }
                    last = Double(header.at.nanoseconds) / 1e9
                    first = first ?? last
                }
                if !isFrame { break }
            }
            while let change = capture.takeChange() { print("\(change)") }
        }
        dissector.finish { _ in messages &+= 1 }
        let used = Runner.cpuSeconds() - cpu
        let helperUsed = cpuSeconds(of: helper.identifier) - theirs
        let counts = capture.counters
        let span = last - (first ?? last)
        print(
            "\(counts.frames) frames in \(rounded(span)) s, \(Int(Double(counts.frames) / max(span, 0.001)))/s; "
                + "\(counts.dropped) dropped by the kernel, \(counts.droppedByInterface) by the interface, "
                + "\(counts.reopened) times opened again; \(messages) messages; "
                + "\(rounded(used)) s CPU, \(Int(used * 1e9 / Double(max(counts.frames, 1)))) ns a frame; helper "
                + "\(rounded(helperUsed)) s CPU, \(Int(helperUsed * 1e9 / Double(max(counts.frames, 1)))) ns a frame")
        for (name, value) in dissector.counters.labelled where name.hasPrefix("errors") { print("\(name) \(value)") }
    }

    /// User and system time of another process, in the kernel's ticks of 10 ms: fields 14 and 15 of proc(5)'s stat.
    private static func cpuSeconds(of process: Int32) -> Double {
        guard let file = fopen("/proc/\(process)/stat", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 1_024)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return 0 }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
