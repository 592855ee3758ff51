import Capture
import Domain
import Glibc
import Wire

/// `--soak HOURS`: so many hours of an office's traffic in one process, through reader, dissector and pipeline, and the
/// memory that the process has after each: what never ends on the network must end here.
///
/// Each hour is written to a file and read from there, with its own times, conversations, calls and strangers; the file
/// is as long as one hour.
struct Soak {
    var hours: Int
    var work: String
    var framesPerHour = 100_000

    /// How much more memory the last quarter may have than the second had.
    static let growthLimit = 1.05

    func run() throws {
        guard hours >= 8 else { throw CaptureWriter.Failure(description: "--soak: at least 8 hours") }
        let path = "\(work)/soak.pcap"
        defer { unlink(path) }
        var dissector = Dissector()
        var pipeline = try Pipeline(site: BenchSite.revision, profiles: BenchSite.profiles, feed: "soak")
        var resident: [Int] = []
        var heard: [HeardMessage] = []
        var messages = 0
        var events = 0
        var frames: UInt64 = 0
        print("soak: \(hours) h, \(framesPerHour) frames an hour; resident memory after each hour")
        for hour in 0..<hours {
            try write(hour, to: path)
            var file = try CaptureFile(path: path)
            while try file.next({ header, bytes in
                frames += 1
                var position = frames << 16
                func numbered(_ new: [DomainEvent]) {
                    position += UInt64(new.count)
                    events += new.count
                }
                numbered(pipeline.advance(to: Instant(milliseconds: header.at.milliseconds), position: position))
                heard.removeAll(keepingCapacity: true)
                let sender = dissector.dissect(bytes, header) { heard.append($0) }
                numbered(pipeline.heardFrame(from: sender, at: header.at, position: position))
                messages += heard.count
                for message in heard { numbered(pipeline.ingest(message, position: position)) }
            }) {}
            resident.append(ProcessMemory.resident)
            print(
                "  hour \(hour + 1): \(Self.megabytes(resident[hour])) MB; \(dissector.flowCount) conversations, "
                    + "\(dissector.heldBytes / 1_024) KB held, \(dissector.heldFragments) fragments held")
        }
        let counts = dissector.counters
        print(
            "\(frames) frames, \(messages) messages, \(events) events; \(counts.flows) conversations, "
                + "\(counts.flowsTimedOut) timed out, \(counts.flowsEvicted) evicted; "
                + "\(counts.fragmentsLost) fragments given up, \(pipeline.counters.forgottenPairs) calls forgotten")
        let quarter = hours / 4
        let second = resident[quarter..<2 * quarter].max() ?? 0
        let last = resident[(hours - quarter)...].max() ?? 0
        print(
            "first hour \(Self.megabytes(resident.first ?? 0)) MB, last \(Self.megabytes(resident.last ?? 0)) MB, "
                + "most \(Self.megabytes(resident.max() ?? 0)) MB; last quarter against the second: "
                + "\(Bench.decimal(Double(last) / Double(max(second, 1)), 3)) (allowed: \(Self.growthLimit))")
        guard counts.flowsTimedOut + counts.flowsEvicted > 0, counts.fragmentsLost > 0,
            pipeline.counters.forgottenPairs > 0
        else { throw CaptureWriter.Failure(description: "soak: no bound was reached, so it shows nothing") }
        guard second > 0, Double(last) <= Self.growthLimit * Double(second) else {
            throw CaptureWriter.Failure(description: "soak: memory grows")
        }
    }

    private func write(_ hour: Int, to path: String) throws {
        var traffic = Traffic(
            seed: UInt64(hour + 1), packets: framesPerHour,
            from: Traffic.morning + Int64(hour) * 3_600 * 1_000_000_000, over: 3_600 * 1_000_000_000,
            output: try CaptureWriter(path: path))
        // About one word in twelve belongs to something that never ends: four thousand in an hour.
        var number = hour * framesPerHour
        while !traffic.isComplete {
            if traffic.next(12) == 0 {
                try traffic.neverEnd(number)
                number += 1
            } else {
                try traffic.speak()
            }
        }
        try traffic.finish()
    }

    private static func megabytes(_ kilobytes: Int) -> String { Bench.decimal(Double(kilobytes) / 1_024, 1) }
}
