public import Agent
public import Domain
internal import Wire

/// A device folder's speech against its profile: what a simulated device says is put on a wire, heard as an agent hears
/// it, and compared with what is true.
public struct DeviceTrial: Sendable {
    public var profile: DeviceProfile
    public var siteText: String
    /// `capture.pcap`, or `log.csv` and `log.jsonl` for devices that write files.
    public var logName: String
    public var log: [UInt8]
    /// The events that are true, as `replay` prints them.
    public var truth: [String]
    /// What is allowed in the speech and hardly meant.
    public var warnings: [FileProblem]
    private let site: Site

    /// What stands behind a recorder, in a trial's site: `generic/channel` says nothing of its own.
    public static let channel = DeviceProfile(
        id: "generic/channel", name: LocalizedName(vi: "Kênh", en: "Channel"), kind: .camera, protocolName: .rtp,
        rules: [DeviceProfile.Rule(id: "media", event: nil)])

    /// The same folder and seed give the same bytes. `nil`: the folder has no speech.
    public init?(folder: DeviceFolder, seed: UInt64) throws(FileProblems) {
        guard var speech = try DeviceSpeech.load(folder: folder.path) else { return nil }
        if folder.profile.protocolName.isOfFiles, IPAddress(speech.address) != nil {
            // A file that names devices has rows of anybody; another is one device's.
            speech.address = folder.profile.file?.device == nil ? "file:/var/log/device.log" : "name:*"
        }
        profile = folder.profile
        warnings = speech.warnings
        try Self.checkEvents(folder, speech)
        let day = DeviceDay(speech, profile: folder.profile.id, seed: seed)
        // One that is passed over would be taken for tried.
        let played = Set(day.acts.map(\.utterance))
        for (index, utterance) in speech.utterances.enumerated() where !played.contains(index) {
            warnings.append(
                FileProblem(
                    path: folder.path + "/" + DeviceSpeech.fileName, line: utterance.line,
                    message: "warning: this way of telling '\(utterance.event)' is never played"))
        }
        site = day.site
        siteText = SiteText.yaml(day.site)
        do throws(DevicePlay.Failure) {
            log = try DevicePlay(day, speech, folder.profile, seed: seed).bytes
        } catch {
            throw FileProblems([
                FileProblem(path: folder.path + "/" + DeviceSpeech.fileName, line: error.line, message: error.message)
            ])
        }
        switch folder.profile.protocolName {
        case .csv: logName = "log.csv"
        case .jsonl: logName = "log.jsonl"
        default: logName = "capture.pcap"
        }
        truth = day.events.map { $0.line(office: day.site.office) }
    }

    /// Every event that the profile can give is said, or it is said why not.
    private static func checkEvents(_ folder: DeviceFolder, _ speech: DeviceSpeech) throws(FileProblems) {
        let events = Set(folder.profile.rules.compactMap(\.event))
        let said = Set(speech.utterances.map(\.event))
        let path = folder.path + "/" + DeviceSpeech.fileName
        var problems = events.subtracting(said).subtracting(speech.unsaid.map(\.event)).sorted().map {
            FileProblem(path: path, line: 1, message: "'\($0)' of the profile is never said")
        }
        for utterance in speech.utterances where !events.contains(utterance.event) {
            let message = "no rule of the profile gives '\(utterance.event)'"
            problems.append(FileProblem(path: path, line: utterance.line, message: message))
        }
        guard problems.isEmpty else { throw FileProblems(problems) }
    }

    /// Writes the site file, the log and the truth.
    public func write(to folder: String) throws {
        try SimulatedDay.write(Array(siteText.utf8), to: folder + "/site.yaml")
        try SimulatedDay.write(log, to: folder + "/" + logName)
        try SimulatedDay.write(Array(truth.map { $0 + "\n" }.joined().utf8), to: folder + "/events.jsonl")
    }

    public struct Outcome: Sendable {
        public var heard: [String]
        /// `- LINE` is true and was not heard, `+ LINE` was heard and is not true; in the order of time.
        public var differences: [String]
        /// The ids of the rules that gave an event.
        public var rules: Set<String>
        /// Messages that no rule wanted, or that lacked something.
        public var unexplained: UInt64
        /// Events whose message should tell the device's time, and does not, or not so that it can be read.
        public var unstamped: UInt64
        /// The first of both, each with when it was heard (or its line of the file), and why.
        public var examples: [String]
    }

    /// How many examples are given.
    private static let exampleLimit = 5

    /// Hears the log as an agent does. `profiles`: what the site's other devices have.
    public func hear(profiles: [DeviceProfile]) throws -> Outcome {
        let day = LocalDay(year: 2026, month: 11, day: 10) ?? LocalDay(number: 0)
        let revision = SiteRevision(site: site, validFrom: day, source: Array(siteText.utf8), digest: [])
        let all = profiles.filter { $0.id != profile.id } + [profile]
        var events: [DomainEvent] = []
        let counters: PipelineCounters
        var examples: [String] = []
        func note(_ place: @autoclosure () -> String, _ words: [String]) {
            for text in words where examples.count < Self.exampleLimit { examples.append(place() + ": " + text) }
        }
        if profile.protocolName.isOfFiles {
            var pipeline = try Pipeline(site: revision, profiles: all, feed: "trial")
            pipeline.recognitions = []
            var rows = RowFeed(
                pipeline: pipeline, feed: "trial",
                decoder: RowFeed.decoder(for: profile.file, protocolName: profile.protocolName))
            rows.readings = []
            events = try rows.read(log)
            events += try rows.finish()
            for fault in rows.counters.faults { note("line \(fault.line)", ["not read: \(fault)"]) }
            for reading in rows.readings ?? [] {
                guard let recognizer = rows.pipeline.firstRecognizer else { break }
                note(
                    "line \(reading.message.text("line") ?? "?")",
                    DeviceFolder.words(
                        reading.recognitions, reading.elements, reading.message, recognizer, Instant(milliseconds: 0)))
            }
            counters = rows.pipeline.counters
        } else {
            var driver = try FeedDriver(site: revision, profiles: all, feed: "trial")
            let recognizer = try Recognizer(
                profile, device: Device(id: "device", profile: profile.id, address: "name:*"), clock: site.office.clock)
            driver.keepReadings()
            for (index, frame) in PcapText.frames(log).enumerated() {
                let header = FrameHeader(
                    at: Timestamp(nanoseconds: frame.at), link: .ethernet, originalLength: frame.bytes.count,
                    number: UInt64(index + 1))
                events += driver.frame(header, frame.bytes.span.bytes)
            }
            events += driver.finish()
            for reading in driver.readings ?? [] {
                let at = Instant(milliseconds: reading.heard.at.milliseconds)
                note(
                    "heard at \(site.office.clock.text(at))",
                    DeviceFolder.words(reading.recognitions, reading.elements, reading.heard.message, recognizer, at))
            }
            counters = driver.pipeline.counters
        }
        let told = events.filter { event in
            !event.kind.name.hasPrefix("agent.") && event.kind.name != "device.clock"
                && !event.flags.contains(.restated)
        }
        let heard = told.sorted { ($0.at, $0.device) < ($1.at, $1.device) }.map {
            $0.coreForm(clock: site.office.clock)
        }
        let rest = counters.rows.reduce(UInt64(0)) {
            $0 + $1.tally.unmapped + $1.tally.incomplete + $1.tally.unmappedElements + $1.tally.incompleteRules
        }
        return Outcome(
            heard: heard, differences: Self.differences(truth.sorted(), heard.sorted()),
            rules: Set(told.compactMap(\.provenance.rule)), unexplained: rest,
            unstamped: counters.rows.reduce(UInt64(0)) { $0 + $1.tally.unstamped }, examples: examples)
    }

    /// Lets an unknown office hear the capture.
    public func discover(_ discovery: inout Discovery) {
        var dissector = Dissector()
        for (index, frame) in PcapText.frames(log).enumerated() {
            let header = FrameHeader(
                at: Timestamp(nanoseconds: frame.at), link: .ethernet, originalLength: frame.bytes.count,
                number: UInt64(index + 1))
            let sender = dissector.dissect(frame.bytes.span.bytes, header) { discovery.add($0) }
            discovery.add(frame.bytes.span.bytes, header, from: sender)
        }
        dissector.finish { discovery.add($0) }
    }

    /// Two sorted lists, walked together.
    private static func differences(_ truth: [String], _ heard: [String]) -> [String] {
        var out: [String] = []
        var (a, b) = (0, 0)
        while a < truth.count || b < heard.count {
            if a < truth.count, b < heard.count, truth[a] == heard[b] {
                a += 1
                b += 1
            } else if b >= heard.count || a < truth.count && truth[a] < heard[b] {
                out.append("- " + truth[a])
                a += 1
            } else {
                out.append("+ " + heard[b])
                b += 1
            }
        }
        return out
    }
}
