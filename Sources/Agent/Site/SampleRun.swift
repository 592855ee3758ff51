internal import Domain
internal import Foundation
internal import Wire

extension DeviceFolder {
    /// What a sample gave, and what is wrong with it.
    public struct Outcome: Sendable {
        public var sample: Sample
        /// Events in core form (with `flags` where there are any), then one comment line of counts per protocol.
        public var lines: [String] = []
        /// Messages that gave nothing although nobody said that they mean nothing: where, and why. For people, not
        /// compared.
        public var notes: [FileProblem] = []
        /// Each message with its fields, one a line, what is inside of bodies too: the names that rules may use.
        public var fields: [String] = []
        public var problems: [FileProblem] = []
        /// All names that the messages' fields have.
        var names: Set<String> = []
        /// A message had the list that `each` names.
        var hasList = false
        /// The ids of the rules that a message came to.
        var rules: Set<String> = []
        /// The ids of those that told a state again.
        var restated: Set<String> = []
        /// Words for counters, services and what is behind the device that no alias of the sample explains.
        public internal(set) var words = AliasWords()
        /// The problems are only that other events were expected.
        public var isDifference = false
    }

    /// The site of samples: one office seven hours east of Greenwich, one device.
    static let sampleClock = OfficeClock(offsetSeconds: 7 * 3_600)
    static let deviceAddress = IPAddress(v4: 0xC000_020A)
    static let otherAddress = IPAddress(v4: 0xC000_0201)

    /// Runs every sample through the decoder, the recognizer and the pipeline that live traffic goes through, and
    /// compares what comes out with what is expected. With `update` the expectation is written instead.
    /// With `isNew` there may be no expectation yet, and then nothing is compared.
    public func run(update: Bool = false, isNew: Bool = false) -> [Outcome] {
        samples.map { sample in
            var outcome = Outcome(sample: sample)
            do throws(FileProblems) {
                let isExpected = !isNew || isThere(sample.expect)
                try checkFiles(sample, update: update || !isExpected)
                let given = try run(sample, &outcome)
                outcome.notes = Self.together(outcome.notes)
                outcome.lines = given.map(\.text)
                let file = path + "/" + sample.expect
                if update {
                    try write(outcome.lines.map { $0 + "\n" }.joined(), to: file)
                } else if isExpected {
                    let bytes = try FileBytes.read(file, limit: SampleText.sizeLimit)
                    outcome.problems =
                        SampleDifference(
                            expected: String(decoding: bytes, as: UTF8.self), in: file, given: given, by: sample.input
                        ).problems
                    outcome.isDifference = !outcome.problems.isEmpty
                }
            } catch {
                outcome.problems = error.problems
            }
            return outcome
        }
    }

    private func write(_ text: String, to file: String) throws(FileProblems) {
        do {
            try text.write(toFile: file, atomically: true, encoding: .utf8)
        } catch {
            throw FileProblems([FileProblem(path: file, line: 0, message: error.localizedDescription)])
        }
    }

    /// A file of rows is its own sample.
    private func rows(_ sample: Sample, _ outcome: inout Outcome) throws(FileProblems) -> [SampleDifference.Given] {
        let file = path + "/" + sample.input
        func fail(_ line: Int, _ message: String) -> FileProblems {
            FileProblems([FileProblem(path: file, line: line, message: message)])
        }
        let bytes = try FileBytes.read(file, limit: SampleText.sizeLimit)
        let clock = profile.file?.timezone.flatMap { OfficeClock(timezone: $0) } ?? Self.sampleClock
        let device = Device(
            id: "device", profile: profile.id, address: "name:*", zones: sample.zones, aliases: sample.aliases)
        var events: [DomainEvent] = []
        var rows: RowFeed
        do throws(ProfileError) {
            var pipeline = try Pipeline(profile: profile, clock: clock, feed: "sample", like: device)
            pipeline.recognitions = []
            rows = RowFeed(
                pipeline: pipeline, feed: "sample",
                decoder: RowFeed.decoder(for: profile.file, protocolName: profile.protocolName))
            rows.readings = []
        } catch {
            throw fail(0, error.message)
        }
        do throws(ParseError) {
            events = try rows.read(bytes)
            events += try rows.finish()
        } catch {
            throw fail(0, "\(error.reason.rawValue) at byte \(error.offset); a file of rows is UTF-8")
        }
        for fault in rows.counters.faults {
            outcome.notes.append(FileProblem(path: file, line: fault.line, message: "not read: \(fault)"))
        }
        let recognizer = rows.pipeline.firstRecognizer
        for (index, reading) in (rows.readings ?? []).enumerated() {
            let line = reading.message.text("line").flatMap { Int($0) } ?? 0
            note(reading.message, of: recognizer, "\(sample.input):\(line)", isShown: index < 64, &outcome)
            guard let recognizer else { continue }
            let takers = recognizer.takers(of: reading.message, isTold: false)
            outcome.rules.formUnion(takers)
            for text in Self.omissions(takers, reading.message, recognizer, Instant(milliseconds: 0)) {
                outcome.notes.append(FileProblem(path: file, line: line, message: text))
            }
            outcome.restated.formUnion(Self.restated(reading.recognitions))
            for text in Self.words(
                reading.recognitions, reading.elements, reading.message, recognizer, Instant(milliseconds: 0))
            {
                outcome.notes.append(FileProblem(path: file, line: line, message: text))
            }
        }
        outcome.words.note(events, like: sample)
        for word in rows.pipeline.unplaced.words { outcome.words.note(word.text, as: .behind) }
        // Events say at which byte their row begins.
        var lines = LineCounter(bytes)
        var out = events.filter { !$0.kind.isOfClock }.map { event in
            SampleDifference.Given(
                Self.line(event, clock), line: lines.line(ofByte: Int(event.provenance.position >> 16) - 1))
        }
        out += Self.counts(rows.pipeline.counters).map { SampleDifference.Given($0) }
        if rows.counters.malformed > 0 {
            out.append(SampleDifference.Given("# rows that cannot be read: \(rows.counters.malformed)"))
        }
        return out
    }

    /// Keeps the names of a message's fields, of its elements where the profile reads these one by one; shows them too.
    private func note(
        _ message: Message, of recognizer: Recognizer?, _ place: String, isShown: Bool = true, _ outcome: inout Outcome
    ) {
        let opened = recognizer?.opened(message) ?? message
        let list = recognizer?.list(of: message)
        if list != nil { outcome.hasList = true }
        for (index, seen) in (list?.elements ?? [opened]).enumerated() {
            let number = list.map { ", element \(index + 1) of \($0.path)" } ?? ""
            if isShown { outcome.fields.append("\(place) \(message.protocolName.rawValue)\(number)") }
            for field in seen.fields {
                outcome.names.insert(field.name.rawValue)
                if isShown { outcome.fields.append("  \(field.name.rawValue): \(CleanText.clean(field.value.text))") }
            }
        }
        outcome.names.formUnion(recognizer?.names(of: message) ?? [])
    }

    private func run(_ sample: Sample, _ outcome: inout Outcome) throws(FileProblems) -> [SampleDifference.Given] {
        if profile.protocolName.isOfFiles { return try rows(sample, &outcome) }
        let file = path + "/" + sample.input
        func fail(_ line: Int, _ message: String) -> FileProblems {
            FileProblems([FileProblem(path: file, line: line, message: message)])
        }
        let text = try SampleText(FileBytes.read(file, limit: SampleText.sizeLimit), path: file)
        let device = Device(
            id: "device", profile: profile.id, address: Self.deviceAddress.description, zones: sample.zones,
            aliases: sample.aliases)
        let office = Office(
            id: "office", name: LocalizedName(vi: "office", en: "office"), timezone: "Asia/Ho_Chi_Minh",
            clock: Self.sampleClock)
        // What is behind the device is there to be spoken for: what the sample says, and what its aliases call so.
        var names = sample.behind
        for alias in sample.aliases where alias.said.contains(" ") && !names.contains(alias.meant) {
            names.append(alias.meant)
        }
        let behind = names.map { Device(id: $0, profile: profile.id, address: "behind:device") }
        let site = Site(
            office: office, hours: WeeklyHours([:]), services: [], counters: [], devices: [device] + behind)
        let revision = SiteRevision(site: site, validFrom: LocalDay(number: 0), source: [], digest: [])
        var pipeline: Pipeline
        do {
            pipeline = try Pipeline(site: revision, profiles: [profile], feed: "sample")
        } catch {
            throw fail(0, error.message)
        }
        pipeline.recognitions = []
        guard let recognizer = pipeline.firstRecognizer else { throw fail(0, "no device") }
        var deaf = 0
        var conversation = SampleConversation(profile: profile, sample: sample)
        var events: [DomainEvent] = []
        var last: Instant?
        func take(_ message: HeardMessage, _ line: Int, _ isToDevice: Bool, _ index: Int) {
            let takers = recognizer.takers(of: message.message, isTold: isToDevice)
            if isToDevice, profile.party == .source {
                if !takers.isEmpty { deaf += 1 }
            } else {
                outcome.rules.formUnion(takers)
            }
            note(message.message, of: recognizer, "\(sample.input):\(line)", &outcome)
            events += pipeline.ingest(message, position: UInt64(index) << 16)
            let recognitions = pipeline.recognitions ?? []
            let moment = Instant(milliseconds: message.at.milliseconds)
            outcome.restated.formUnion(Self.restated(recognitions))
            let told = Self.words(recognitions, pipeline.elementRecognitions, message.message, recognizer, moment)
            let omitted = Self.omissions(
                isToDevice && profile.party == .source ? [] : takers, message.message, recognizer, moment)
            for text in told + omitted + Self.unplaced(recognitions, names, &outcome.words) {
                outcome.notes.append(FileProblem(path: file, line: line, message: text))
            }
            pipeline.recognitions = []
        }
        for (index, block) in text.blocks.enumerated() {
            let heard: [HeardMessage]
            do {
                heard = try conversation.hear(block)
            } catch {
                throw fail(block.line, error.message)
            }
            if conversation.passedOver > 0 {
                let message = "\(conversation.passedOver) bytes stand in no frame and are passed over"
                outcome.notes.append(FileProblem(path: file, line: block.line, message: message))
            }
            if heard.isEmpty, !conversation.hasRest { throw fail(block.line, "no message in these bytes") }
            let moment = Instant(milliseconds: block.at.milliseconds)
            events += pipeline.advance(to: moment, position: UInt64(index) << 16)
            last = max(last ?? moment, moment)
            for message in heard { take(message, block.line, block.isToDevice, index) }
        }
        for ending in conversation.end(at: text.blocks.last?.at ?? Timestamp(milliseconds: 0)) {
            let message = "this has no length and is read as one message, when the connection ends"
            outcome.notes.append(FileProblem(path: file, line: ending.line, message: message))
            for message in ending.heard { take(message, ending.line, ending.isToDevice, text.blocks.count - 1) }
        }
        if let rest = conversation.rest { throw fail(rest.line, rest.message) }
        if deaf > 0, events.isEmpty {
            let message =
                "\(deaf) messages to the device, which a rule is for, are not heard; 'party: either' also hears what it "
                + "is sent"
            outcome.notes.append(FileProblem(path: file, line: 0, message: message))
        }
        outcome.words.note(events, like: sample)
        // States that end by themselves have ended a day later.
        if let last { events += pipeline.advance(to: last + 86_400_000, position: .max >> 1) }
        return events.filter { !$0.kind.isOfClock }.map { event in
            let index = Int(exactly: event.provenance.position >> 16) ?? .max
            return SampleDifference.Given(
                Self.line(event, Self.sampleClock), line: index < text.blocks.count ? text.blocks[index].line : 0)
        } + Self.counts(pipeline.counters).map { SampleDifference.Given($0) }
    }

    /// What the rules that took a message do without; of lists nothing is said.
    private static func omissions(
        _ takers: [String], _ message: Message, _ recognizer: Recognizer, _ heard: Instant
    ) -> [String] {
        if takers.isEmpty || recognizer.list(of: message) != nil { return [] }
        return takers.flatMap { recognizer.omissions(rule: $0, of: message, heard: heard) }
    }

    private static func restated(_ recognitions: [Recognition]) -> [String] {
        recognitions.flatMap { recognition -> [String] in
            guard case .matched(let observations) = recognition else { return [] }
            return observations.filter { $0.flags.contains(.restated) }.map(\.rule)
        }
    }

    /// What is said of something behind the device that the sample gives no name: the rule, and the word that was looked for.
    private static func unplaced(
        _ recognitions: [Recognition], _ names: [String], _ words: inout AliasWords
    ) -> [String] {
        var out: [String] = []
        for case .matched(let observations) in recognitions {
            for observation in observations {
                guard let said = observation.device, said != "device", !names.contains(said) else { continue }
                words.note(said, as: .behind)
                out.append(
                    "rule '\(observation.rule)': "
                        + (said.isEmpty
                            ? "'device' names nothing" : "no alias says what '\(Words.shown(said))' is")
                        + (observation.kind.isOfDeviceItself
                            ? ", so there is no event" : ", so it stays the device's own"))
            }
        }
        return out
    }

    static func line(_ event: DomainEvent, _ clock: OfficeClock) -> String {
        let core = event.coreForm(clock: clock)
        let flags = EventFlags.names.filter { event.flags.contains($0.flag) }.map { jsonString($0.name) }
        return flags.isEmpty ? core : core.dropLast() + ",\"flags\":[" + flags.joined(separator: ",") + "]}"
    }

    static func counts(_ counters: PipelineCounters) -> [String] {
        // The devices of a file of rows are counted together.
        var tallies: [(name: ProtocolName, tally: PipelineCounters.Tally)] = []
        for row in counters.rows.sorted(by: { $0.protocolName < $1.protocolName }) {
            if tallies.last?.name == row.protocolName {
                tallies[tallies.count - 1].tally.add(row.tally)
            } else {
                tallies.append((row.protocolName, row.tally))
            }
        }
        return tallies.map { name, tally in
            let parts: [(UInt64, String)] = [
                (tally.matched, "matched"), (tally.ignored, "ignored"), (tally.incomplete, "incomplete"),
                (tally.unmapped, "unmapped"), (tally.unread, "unread"),
            ]
            let told = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
            var unchanged = tally.unchanged > 0 ? ", \(tally.unchanged) told again" : ""
            if tally.unplaced > 0 { unchanged += ", \(tally.unplaced) of nothing the site knows" }
            if tally.unstamped > 0 { unchanged += ", \(tally.unstamped) without the device's time" }
            if tally.unmappedElements > 0 { unchanged += ", \(tally.unmappedElements) elements unmapped" }
            if tally.incompleteRules > 0 { unchanged += ", \(tally.incompleteRules) more incomplete" }
            return
                "# \(name.rawValue): \(tally.messages) messages: \(told); \(tally.events) events\(unchanged)"
        }
    }
}

extension EventKind {
    /// What a sample's clock is worth depends on when somebody wrote it down.
    fileprivate var isOfClock: Bool { if case .deviceClock = self { true } else { false } }
}
