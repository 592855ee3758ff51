import Capture
import Domain
import Glibc
import Wire

#if canImport(Agent)
    import Agent
#endif

/// `--devices DIR`: all device folders loaded at once, one device of each in one site.
///
/// What is stated: messages a second of everything that their samples say; and what a message costs that nobody wants,
/// against its own decoding, frame to message, while it is near the processor, as it is when its decoder has just handed it
/// on. A tenth or more is a failure, of any kind, from all of the devices as well as from hosts that are none, from devices
/// that do not speak it, and from those whose rules ask for fields. Devices whose rules look for words in a text or a body
/// are among all of them; what those few cost alone is told too.
struct RecognitionRun {
    /// How much of its decoding an unwanted message may cost.
    static let limit = 0.1
    static let messageCount = 20_000
    static let batch = 200
    /// How often each message of a batch is asked for: so often that the clock's own step is nothing.
    static let times = 500

    var profiles: [DeviceProfile]
    /// What the samples of each profile say, from the address of its device.
    var samples: [HeardMessage]
    var work: String

    static func run(_ directory: String, work: String) throws {
        #if canImport(Agent)
            let library = try ProfileLibrary.load(directory)
            let server = Traffic.server
            var samples: [HeardMessage] = []
            for (index, folder) in library.folders.enumerated() {
                samples += try folder.messages(from: address(index), to: server)
            }
            try RecognitionRun(profiles: library.profiles, samples: samples, work: work).run()
        #else
            throw CaptureWriter.Failure(description: "--devices: built without the reader of profiles")
        #endif
    }

    private static func address(_ index: Int) -> IPAddress { IPAddress(v4: 0x0A4D_0001 + UInt32(index)) }
    private static func stranger(_ index: Int) -> IPAddress { IPAddress(v4: 0x0A58_0001 + UInt32(index)) }

    private func pipeline() throws -> Pipeline {
        let devices = profiles.enumerated().map { index, profile in
            let isFile = profile.protocolName.isOfFiles
            return Device(
                id: "device\(index)", profile: profile.id,
                address: isFile ? "name:device\(index)" : "\(Self.address(index))")
        }
        let office = Office(
            id: "bench", name: LocalizedName(vi: "", en: "Bench"), timezone: "Asia/Ho_Chi_Minh",
            clock: OfficeClock(offsetSeconds: 25_200))
        let site = Site(office: office, hours: WeeklyHours([:]), services: [], counters: [], devices: devices)
        return try Pipeline(
            site: SiteRevision(site: site, validFrom: BenchSite.day, source: [], digest: []), profiles: profiles,
            feed: "bench")
    }

    private func run() throws {
        print("\nrecognition: \(profiles.count) profiles loaded at once, a device of each")
        try measureSamples()
        var all = Cost()
        var worst = (ratio: 0.0, name: "")
        var missed: [String] = []
        func judge(_ kind: Unwanted, _ whose: String, by hosts: [IPAddress]) throws {
            guard let cost = try measure(kind, whose, by: hosts) else { return }
            all.add(cost)
            let name = "\(kind.rawValue) \(whose): \(Bench.decimal(cost.ratio, 3))"
            if cost.ratio > worst.ratio { worst = (cost.ratio, name) }
            if cost.ratio >= Self.limit { missed.append(name) }
        }
        print(
            "  what a message costs that nobody wants, in parts of its own decoding; promised: less than \(Self.limit)")
        for kind in Unwanted.allCases {
            let hosts = try hosts(kind)
            try judge(kind, "of hosts that are no devices", by: (0..<40).map { Self.stranger($0) })
            try judge(kind, "of devices that do not speak it", by: hosts.others)
            try judge(kind, "of devices whose rules ask for other fields", by: hosts.readers)
            try judge(
                kind, "of all devices together", by: hosts.others + hosts.readers + hosts.searchers + hosts.unsure)
        }
        print(
            "  all of them, each kind once: \(Bench.decimal(all.ratio, 3)); the most: \(worst.name)\n"
                + "  of these devices, those whose rules look for words in a text or a body:")
        for kind in Unwanted.allCases {
            _ = try measure(kind, "that has none of the words", by: try hosts(kind).searchers)
            _ = try measure(kind, "that has one, and no rule wants it", by: try hosts(kind).unsure, times: 50)
        }
        // Last, so that all is told before it is judged.
        guard missed.isEmpty else {
            throw CaptureWriter.Failure(
                description: "unwanted messages cost too much; promised: less than \(Self.limit) of their decoding; "
                    + "missed by \(missed.joined(separator: "; "))")
        }
    }

    /// Seconds for a message.
    private struct Cost {
        var recognition = 0.0
        var decoding = 0.0

        var ratio: Double { decoding > 0 ? recognition / decoding : 0 }

        mutating func add(_ other: Cost) {
            recognition += other.recognition
            decoding += other.decoding
        }
    }

    private func measureSamples() throws {
        var pipeline = try pipeline()
        var events = 0
        var rounds = 0
        let start = Runner.cpuSeconds()
        var used = 0.0
        while used < 0.5 {
            for message in samples { events += pipeline.ingest(message, position: UInt64(rounds) << 16).count }
            rounds += 1
            used = Runner.cpuSeconds() - start
        }
        let count = rounds * samples.count
        print(
            "  all that their samples say: \(samples.count) messages, \(events / max(rounds, 1)) events a round; "
                + "\(Bench.decimal(Double(count) / used / 1e6, 2)) M messages/s, "
                + "\(Int(used * 1e9 / Double(max(count, 1)))) ns each")
    }

    // MARK: Unwanted messages

    private struct Frames {
        var headers: [FrameHeader] = []
        var bytes: [[UInt8]] = []
    }

    private func frames(_ kind: Unwanted, by hosts: [IPAddress], count: Int) throws -> Frames {
        let path = "\(work)/recognition.pcap"
        defer { unlink(path) }
        var traffic = Traffic(seed: 1, packets: count, output: try CaptureWriter(path: path))
        try traffic.say(kind, by: hosts, count: count)
        var file = try CaptureFile(path: path)
        var out = Frames()
        while try file.next({ header, bytes in
            out.headers.append(header)
            out.bytes.append(bytes.withUnsafeBytes { Array($0) })
        }) {}
        return out
    }

    private func messages(_ frames: Frames, _ kind: Unwanted) -> [HeardMessage] {
        var dissector = Dissector()
        var out: [HeardMessage] = []
        for (header, bytes) in zip(frames.headers, frames.bytes) {
            dissector.dissect(bytes.span.bytes, header) { message in
                if message.message.protocolName == kind.protocolName { out.append(message) }
            }
        }
        return out
    }

    private struct Hosts {
        /// Their rules turn the message away by a field, by words that it lacks, or only when they are asked.
        var readers: [IPAddress] = []
        var searchers: [IPAddress] = []
        var unsure: [IPAddress] = []
        /// They have no rules for its protocol.
        var others: [IPAddress] = []
    }

    /// The devices that do not want the message.
    private func hosts(_ kind: Unwanted) throws -> Hosts {
        let all = profiles.indices.map { Self.address($0) }
        let heard = messages(try frames(kind, by: all, count: all.count), kind)
        var hosts = Hosts()
        for index in all.indices {
            guard let message = heard.last(where: { $0.source.address == all[index] }) else { continue }
            var pipeline = try pipeline()
            _ = pipeline.ingest(message, position: 0)
            let tally = pipeline.counters.rows.first { $0.protocolName == kind.protocolName }?.tally
            if tally?.unread == 1 { hosts.others.append(all[index]) }
            guard tally?.unmapped == 1 else { continue }
            let device = Device(id: "device", profile: profiles[index].id, address: "\(all[index])")
            let recognizer = try Recognizer(profiles[index], device: device, clock: OfficeClock(offsetSeconds: 25_200))
            switch recognizer.look(at: message.message) {
            case .field: hosts.readers.append(all[index])
            case .words: hosts.searchers.append(all[index])
            case nil: hosts.unsure.append(all[index])
            }
        }
        return hosts
    }

    /// What recognition costs, and what decoding does; `nil`: there are no such hosts. Both are the best of seven, so
    /// that a busy machine is unfair to neither.
    private func measure(
        _ kind: Unwanted, _ whose: String, by hosts: [IPAddress], times: Int = Self.times
    ) throws -> Cost? {
        if hosts.isEmpty { return nil }
        let frames = try frames(kind, by: hosts, count: Self.messageCount)
        // Few enough to stay near the processor, as a message is when its decoder has just handed it on.
        let messages = Array(messages(frames, kind).suffix(Self.batch))
        guard messages.count == Self.batch else {
            throw CaptureWriter.Failure(description: "\(kind.rawValue): \(messages.count) messages were decoded")
        }
        var cost = Cost(recognition: .infinity, decoding: .infinity)
        for _ in 0..<7 {
            var dissector = Dissector()
            var decoded = 0
            var start = Self.now()
            for index in frames.bytes.indices {
                let frame = frames.bytes[index]
                dissector.dissect(frame.span.bytes, frames.headers[index]) { _ in decoded += 1 }
            }
            cost.decoding = min(cost.decoding, (Self.now() - start) / Double(Self.messageCount))
            var pipeline = try pipeline()
            var events = 0
            start = Self.now()
            for first in stride(from: 0, to: Self.batch, by: 4) {
                events += Self.ingest(
                    messages[first], messages[first + 1], messages[first + 2], messages[first + 3], times: times,
                    &pipeline)
            }
            cost.recognition = min(cost.recognition, (Self.now() - start) / Double(Self.batch * times))
            guard decoded >= Self.messageCount, events == 0 else {
                throw CaptureWriter.Failure(description: "\(kind.rawValue): \(decoded) decoded, \(events) events")
            }
        }
        print(
            "    \(kind.rawValue) \(whose) (\(hosts.count)): \(Bench.decimal(cost.recognition * 1e9, 1)) ns of "
                + "\(Int((cost.decoding * 1e9).rounded())) ns: \(Bench.decimal(cost.ratio, 3))")
        return cost
    }

    /// Four hosts' messages in turn. They are parameters, and so lent, as a message is that its decoder has just handed
    /// on: taken out of an array each would be copied, which costs more than the look.
    @inline(never)
    private static func ingest(
        _ a: HeardMessage, _ b: HeardMessage, _ c: HeardMessage, _ d: HeardMessage, times: Int,
        _ pipeline: inout Pipeline
    ) -> Int {
        var events = 0
        for _ in 0..<times {
            events += pipeline.ingest(a, position: 0).count
            events += pipeline.ingest(b, position: 0).count
            events += pipeline.ingest(c, position: 0).count
            events += pipeline.ingest(d, position: 0).count
        }
        return events
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
