import Capture
import Domain
import Glibc
import Wire

/// What is measured: each stage does what the one before it does, and more.
enum Stage: String, CaseIterable {
    case loop = "C loop over libpcap, doing nothing"
    case read = "our reader, doing nothing"
    case headers = "+ links, IP, UDP and TCP headers"
    case dissect = "+ TCP reassembly, messages"
    case recognise = "+ recognition: events"
    case fold = "+ fold: the office-day"
}

struct Outcome {
    var seconds = 0.0
    var packets: UInt64 = 0
    var bytes: UInt64 = 0
    var counters = DissectionCounters()
    var eventCount = 0
    /// Kept where they are folded.
    var events: [DomainEvent] = []
    var visits = 0
}

enum Runner {
    /// CPU seconds (user and system) that this process has used.
    static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return seconds(usage)
    }

    static func seconds(_ usage: rusage) -> Double {
        Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    static func run(_ stage: Stage, path: String, loop: String) throws -> Outcome {
        switch stage {
        case .loop: return try runLoop(loop, path)
        case .read: return try runReader(path)
        case .headers: return try runHeaders(path)
        case .dissect: return try runDissector(path)
        case .recognise: return try runPipeline(path, folding: false)
        case .fold: return try runPipeline(path, folding: true)
        }
    }

    /// The C loop is a process of its own; its CPU time is what the kernel says of it. It prints packets and bytes.
    private static func runLoop(_ loop: String, _ path: String) throws -> Outcome {
        guard let child = try Child.succeed([loop, path], to: path + ".loop") else {
            throw CaptureWriter.Failure(description: "\(loop): there is none; 'make bench' builds it")
        }
        let numbers = try Child.read(path + ".loop").split { $0 == " " || $0 == "\n" }
        var outcome = Outcome()
        outcome.seconds = child.seconds
        outcome.packets = numbers.first.flatMap { UInt64($0) } ?? 0
        outcome.bytes = numbers.last.flatMap { UInt64($0) } ?? 0
        return outcome
    }

    private static func runReader(_ path: String) throws -> Outcome {
        let start = cpuSeconds()
        var file = try CaptureFile(path: path)
        var outcome = Outcome()
        while try file.next({ _, bytes in
            outcome.packets &+= 1
            outcome.bytes &+= UInt64(bytes.byteCount)
        }) {}
        outcome.seconds = cpuSeconds() - start
        return outcome
    }

    /// The views alone: what a frame of somebody else's traffic costs.
    private static func runHeaders(_ path: String) throws -> Outcome {
        let start = cpuSeconds()
        var file = try CaptureFile(path: path)
        var outcome = Outcome()
        var ports: UInt64 = 0
        while try file.next({ header, bytes in
            outcome.packets &+= 1
            outcome.bytes &+= UInt64(bytes.byteCount)
            ports &+= Self.ports(copy bytes, header.link)
        }) {}
        outcome.seconds = cpuSeconds() - start
        guard ports > 0 else { throw CaptureWriter.Failure(description: "no frame had ports") }
        return outcome
    }

    /// The ports of a frame, added up; 0 if it has none.
    private static func ports(_ bytes: RawSpan, _ type: LinkType) -> UInt64 {
        do throws(ParseError) {
            let link = try LinkView(bytes, link: type)
            let packet: IPView
            switch link.content {
            case .ipv4: packet = try IPView(v4: link.payload)
            case .ipv6: packet = try IPView(v6: link.payload)
            default: return 0
            }
            switch packet.protocolNumber {
            case 6:
                let segment = try TCPView(packet.payload, packetLength: packet.payloadLength)
                return UInt64(segment.sourcePort) &+ UInt64(segment.targetPort)
            case 17:
                let datagram = try UDPView(packet.payload, packetLength: packet.payloadLength)
                return UInt64(datagram.sourcePort) &+ UInt64(datagram.targetPort)
            default: return 0
            }
        } catch {
            return 0
        }
    }

    private static func runDissector(_ path: String) throws -> Outcome {
        let start = cpuSeconds()
        var file = try CaptureFile(path: path)
        var dissector = Dissector()
        var messages: UInt64 = 0
        while try file.next({ header, bytes in dissector.dissect(bytes, header) { _ in messages &+= 1 } }) {}
        dissector.finish { _ in messages &+= 1 }
        var outcome = Outcome()
        outcome.seconds = cpuSeconds() - start
        outcome.counters = dissector.counters
        outcome.packets = dissector.counters.frames
        outcome.bytes = dissector.counters.frameBytes
        return outcome
    }

    /// The agent's way: per frame the time, the messages, the evidence, the events; then the fold.
    private static func runPipeline(_ path: String, folding: Bool) throws -> Outcome {
        let start = cpuSeconds()
        var file = try CaptureFile(path: path)
        var dissector = Dissector()
        var pipeline = try Pipeline(site: BenchSite.revision, profiles: BenchSite.profiles, feed: "bench")
        var day = OfficeDay(site: BenchSite.revision.site, day: BenchSite.day)
        var outcome = Outcome()
        var late = 0
        var heard: [HeardMessage] = []
        var last = Instant.distantPast
        func take(_ events: [DomainEvent]) {
            guard !events.isEmpty else { return }
            outcome.eventCount += events.count
            guard folding else { return }
            outcome.events += events
            for event in events where !day.apply(event) { late += 1 }
        }
        while try file.next({ header, bytes in
            var position = header.number << 16
            last = Instant(milliseconds: header.at.milliseconds)
            func numbered(_ events: [DomainEvent]) {
                position += UInt64(events.count)
                take(events)
            }
            numbered(pipeline.advance(to: last, position: position))
            heard.removeAll(keepingCapacity: true)
            if let source = dissector.dissect(bytes, header, { heard.append($0) }).address {
                numbered(pipeline.heardFrame(from: source, at: header.at, position: position))
            }
            for message in heard { numbered(pipeline.ingest(message, position: position)) }
        }) {}
        dissector.finish { take(pipeline.ingest($0, position: .max)) }
        take(pipeline.finish(at: last, position: .max))
        if folding {
            // Events that came too late for the running fold: the day is folded again, as the collector does.
            if late > 0 { day = OfficeDay.fold(outcome.events, site: BenchSite.revision.site, day: BenchSite.day) }
            outcome.visits = day.result(asOf: last).visits.count
        }
        outcome.seconds = cpuSeconds() - start
        outcome.counters = dissector.counters
        outcome.packets = dissector.counters.frames
        outcome.bytes = dissector.counters.frameBytes
        return outcome
    }
}
