import Capture
import Glibc
import Wire

/// `--live INTERFACE`: the agent's way from a real interface: what came, what was dropped, what it cost.
///
/// The other side is `pcap-loop FILE INTERFACE RATE SECONDS` in a network namespace of its own.
enum Listening {
    static func run(_ interface: String, seconds: Int) throws {
        var capture = try LiveCapture(interface: interface)
        try capture.setFilter(for: [])
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
        let counts = capture.readCounters()
        let span = last - (first ?? last)
        print(
            "\(counts.frames) frames in \(rounded(span)) s, \(Int(Double(counts.frames) / max(span, 0.001)))/s; "
                + "\(counts.dropped) dropped by the kernel, \(counts.droppedByInterface) by the interface, "
                + "\(counts.reopened) times opened again; \(messages) messages; "
                + "\(rounded(used)) s CPU, \(Int(used * 1e9 / Double(max(counts.frames, 1)))) ns a frame")
        for (name, value) in dissector.counters.labelled where name.hasPrefix("errors") { print("\(name) \(value)") }
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
