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
        /// The problems are only that other events were expected.
        public var isDifference = false
    }

    /// The site of samples: one office seven hours east of Greenwich, one device.
    static let sampleClock = OfficeClock(offsetSeconds: 7 * 3_600)
    static let deviceAddress = IPAddress(v4: 0xC000_020A)
    static let otherAddress = IPAddress(v4: 0xC000_0201)

    /// Runs every sample through the decoder, the recognizer and the pipeline that live traffic goes through, and
    /// compares what comes out with what is expected. With `update` the expectation is written instead.
    public func run(update: Bool = false) -> [Outcome] {
        samples.map { sample in
            var outcome = Outcome(sample: sample)
            do throws(FileProblems) {
                outcome.lines = try run(sample, &outcome)
                let text = outcome.lines.map { $0 + "\n" }.joined()
                let file = path + "/" + sample.expect
                if update {
                    try write(text, to: file)
                } else if let problem = try difference(text, file) {
                    outcome.problems = [problem]
                    outcome.isDifference = true
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

    /// The first line that differs.
    private func difference(_ text: String, _ file: String) throws(FileProblems) -> FileProblem? {
        let expected = String(decoding: try FileBytes.read(file, limit: SampleText.sizeLimit), as: UTF8.self)
        if expected == text { return nil }
        let ours = text.split(separator: "\n", omittingEmptySubsequences: false)
        let theirs = expected.split(separator: "\n", omittingEmptySubsequences: false)
        for line in 0..<max(ours.count, theirs.count) {
            let our = line < ours.count ? String(ours[line]) : nil
            let their = line < theirs.count ? String(theirs[line]) : nil
            if our == their { continue }
            let expected = their.map { $0.isEmpty ? "no more" : $0 } ?? "no more"
            let got = our.map { $0.isEmpty ? "no more" : $0 } ?? "no more"
            return FileProblem(
                path: file, line: line + 1, message: "expected \(expected)\n    but the sample gives \(got)")
        }
        return nil
    }

    /// The first records of a file, each with its fields.
    private func fields(ofRows sample: Sample) -> [String] {
        guard var bytes = try? FileBytes.read(path + "/" + sample.input, limit: SampleText.sizeLimit) else { return [] }
        var decoder = RowFeed.decoder(for: profile.file, protocolName: profile.protocolName)
        var out: [String] = []
        for _ in 0..<64 {
            let line = decoder.nextLine
            guard !bytes.isEmpty, let step = try? decoder.decode(bytes.span.bytes, at: Timestamp(nanoseconds: 0)) else {
                break
            }
            switch step {
            case .message(let message, let consumed):
                out.append("\(sample.input):\(line) \(message.protocolName.rawValue)")
                out += message.fields.map { "  \($0.name.rawValue): \(CleanText.clean($0.value.text))" }
                bytes.removeFirst(min(max(1, consumed), bytes.count))
            case .skip(let count): bytes.removeFirst(min(max(1, count), bytes.count))
            case .needMore: return out
            }
        }
        return out
    }

    /// A file of rows is its own sample.
    private func rows(_ sample: Sample, _ notes: inout [FileProblem]) throws(FileProblems) -> [String] {
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
        } catch {
            throw fail(0, error.message)
        }
        do throws(ParseError) {
            events = try rows.read(bytes)
            events += try rows.finish()
        } catch {
            throw fail(0, "\(error.reason.rawValue) at byte \(error.offset)")
        }
        var lines =
            events.filter { !$0.kind.isOfClock }.map { Self.line($0, clock) } + Self.counts(rows.pipeline.counters)
        if rows.counters.malformed > 0 {
            lines.append("# rows that cannot be read: \(rows.counters.malformed)")
            if let first = rows.counters.firstMalformed {
                notes.append(
                    FileProblem(path: file, line: first.line, message: "not read: \(first.error.reason.rawValue)"))
            }
        }
        // One recognition a row, in their order, but for those whose device is nobody's.
        for (index, recognition) in (rows.pipeline.recognitions ?? []).enumerated() {
            guard let text = Self.words(recognition, nil) else { continue }
            notes.append(FileProblem(path: file, line: 0, message: "record \(index + 1): " + text))
        }
        return lines
    }

    private func run(_ sample: Sample, _ outcome: inout Outcome) throws(FileProblems) -> [String] {
        if profile.protocolName.isOfFiles {
            outcome.fields = fields(ofRows: sample)
            return try rows(sample, &outcome.notes)
        }
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
        // What the sample's aliases call behind the device is there to be spoken for.
        let behind = sample.aliases.filter { $0.said.contains(" ") }.map {
            Device(id: $0.meant, profile: profile.id, address: "behind:device")
        }
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
        var deaf = 0
        var conversation = SampleConversation(profile: profile, sample: sample)
        var events: [DomainEvent] = []
        var last: Instant?
        for (index, block) in text.blocks.enumerated() {
            let heard: [HeardMessage]
            do {
                heard = try conversation.hear(block)
            } catch {
                throw fail(block.line, error.message)
            }
            if heard.isEmpty, !conversation.hasRest { throw fail(block.line, "no message in these bytes") }
            let moment = Instant(milliseconds: block.at.milliseconds)
            events += pipeline.advance(to: moment, position: UInt64(index) << 16)
            last = max(last ?? moment, moment)
            if block.isToDevice, profile.party == .source { deaf += 1 }
            for message in heard {
                outcome.fields.append("\(sample.input):\(block.line) \(message.message.protocolName.rawValue)")
                let opened = pipeline.opened(message.message)
                outcome.fields += opened.fields.map { "  \($0.name.rawValue): \(CleanText.clean($0.value.text))" }
                events += pipeline.ingest(message, position: UInt64(index) << 16)
                for recognition in pipeline.recognitions ?? [] {
                    guard let text = Self.words(recognition, message.message) else { continue }
                    outcome.notes.append(FileProblem(path: file, line: block.line, message: text))
                }
                pipeline.recognitions = []
            }
        }
        if let problem = conversation.rest { throw fail(text.blocks.last?.line ?? 0, problem) }
        if events.isEmpty, deaf > 0 {
            let message = "\(deaf) messages to the device are not heard; 'party: either' also hears what it is sent"
            outcome.notes.append(FileProblem(path: file, line: 0, message: message))
        }
        // States that end by themselves have ended a day later.
        if let last { events += pipeline.advance(to: last + 86_400_000, position: .max >> 1) }
        return events.filter { !$0.kind.isOfClock }.map { Self.line($0, Self.sampleClock) }
            + Self.counts(pipeline.counters)
    }

    private static func told(_ message: Message) -> String {
        ([message.protocolName.rawValue] + message.fields.prefix(6).map { "\($0.name.rawValue)=\($0.value.text)" })
            .joined(separator: " ")
    }

    /// What to think of, in words; `nil` for what was understood.
    private static func words(_ recognition: Recognition, _ message: Message?) -> String? {
        let what = message.map { ": " + String(CleanText.clean(Self.told($0)).prefix(100)) } ?? ""
        return switch recognition {
        case .matched, .ignored, .unread: nil
        case .incomplete(let rule, let why): "incomplete: rule '\(rule)': \(why)"
        case .unmapped: "unmapped: no rule is for it" + what
        }
    }

    private static func line(_ event: DomainEvent, _ clock: OfficeClock) -> String {
        let core = event.coreForm(clock: clock)
        let flags = EventFlags.names.filter { event.flags.contains($0.flag) }.map { jsonString($0.name) }
        return flags.isEmpty ? core : core.dropLast() + ",\"flags\":[" + flags.joined(separator: ",") + "]}"
    }

    private static func counts(_ counters: PipelineCounters) -> [String] {
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
            return
                "# \(name.rawValue): \(tally.messages) messages: \(told); \(tally.events) events\(unchanged)"
        }
    }
}

extension EventKind {
    /// What a sample's clock is worth depends on when somebody wrote it down.
    fileprivate var isOfClock: Bool { if case .deviceClock = self { true } else { false } }
}

/// Both directions of a sample's conversation, decoded as the dissector would.
struct SampleConversation {
    struct Failure: Error {
        var message: String
    }

    private let wire: ProtocolName
    private let transport: HeardMessage.Transport
    private let layout: FrameLayout?
    private var streams: [Stream] = [Stream(), Stream()]
    /// Which of its echoes are answered.
    private var echoes = EchoMemory()
    private var isDatagram: Bool { transport == .udp || transport == .ip }

    private struct Stream {
        var decoder: (any ProtocolDecoder)?
        var rest: [UInt8] = []
    }

    init(profile: DeviceProfile, sample: DeviceFolder.Sample) {
        let name = sample.protocolName ?? profile.protocolName
        wire = Protocols.carrier(of: name)
        layout = wire == .framed ? profile.frame : nil
        let isDatagram = layout != nil || Protocols.datagramDecoder(wire) != nil
        transport = wire == .icmp ? .ip : sample.transport ?? (isDatagram ? .udp : .tcp)
    }

    var hasRest: Bool { streams.contains { !$0.rest.isEmpty } }

    /// What is wrong at the end, if anything.
    var rest: String? {
        let count = streams.reduce(0) { $0 + $1.rest.count }
        return count > 0 ? "the last \(count) bytes are no whole message" : nil
    }

    private var port: UInt16 {
        switch wire {
        case .syslog: 514
        case .mqtt: 1_883
        case .sip: 5_060
        default: 8_090
        }
    }

    mutating func hear(_ block: SampleText.Block) throws(Failure) -> [HeardMessage] {
        let device = Endpoint(DeviceFolder.deviceAddress, port: wire == .sip ? 5_060 : 40_000)
        let other = Endpoint(DeviceFolder.otherAddress, port: port)
        let side = block.isToDevice ? 1 : 0
        // Both sides of a stream are followed from its beginning: each knows what the other said.
        for side in streams.indices where streams[side].decoder == nil || isDatagram {
            let plain = isDatagram ? Protocols.datagramDecoder(wire) : Protocols.streamDecoder(wire)
            streams[side].decoder = layout.map { FramedDecoder($0) } ?? plain
        }
        guard var decoder = streams[side].decoder else {
            throw Failure(message: "\(wire.rawValue) does not come over \(transport.rawValue)")
        }
        var buffer = streams[side].rest + block.bytes
        var messages: [Message] = []
        reading: while !buffer.isEmpty {
            do throws(ParseError) {
                switch try decoder.decode(buffer.span.bytes, at: block.at) {
                case .message(let message, let consumed):
                    messages.append(message)
                    buffer.removeFirst(min(max(1, consumed), buffer.count))
                case .skip(let count):
                    buffer.removeFirst(min(max(1, count), buffer.count))
                case .needMore:
                    if isDatagram {
                        throw ParseError(.application, .truncated, needed: buffer.count + 1, available: buffer.count)
                    }
                    break reading
                }
            } catch {
                var framed = layout.map { FramedDecoder($0) }
                let fault = framed?.fault(buffer.span.bytes)
                throw Failure(
                    message: "no \(wire.rawValue) message: "
                        + (fault ?? "\(error.reason.rawValue) at byte \(error.offset)"))
            }
        }
        streams[side].rest = buffer
        streams[side].decoder = decoder
        for message in messages { streams[1 - side].decoder?.heard(message) }
        if wire == .icmp {
            for index in messages.indices {
                echoes.pair(
                    &messages[index], from: block.isToDevice ? other.address : device.address,
                    to: block.isToDevice ? device.address : other.address, at: block.at)
            }
        }
        return messages.flatMap { [$0] + Protocols.expand($0) }.map {
            HeardMessage(
                $0, at: block.at, source: block.isToDevice ? other : device, target: block.isToDevice ? device : other,
                transport: transport)
        }
    }
}
