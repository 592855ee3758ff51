import Capture
import Testing
import Wire

/// Real and damaged captures, as they are and with bytes overwritten: nothing traps, grows or goes missing uncounted.
@Suite(.enabled(if: SharedCaptures.isPresent, SharedCaptures.absent))
struct CorpusSafetyTests {
    @Test func `every frame, packet and byte of every capture is accounted for`() throws {
        for entry in SharedCaptures.entries {
            var dissector = Dissector()
            var messages: UInt64 = 0
            do {
                var file = try CaptureFile(path: entry.file)
                while try file.next({ header, bytes in dissector.dissect(bytes, header) { _ in messages += 1 } }) {
                    if dissector.counters.frames % 64 == 0 { Accounts.check(dissector, entry.path) }
                }
            } catch {
                #expect(error is ParseError, "\(entry.path): \(error)")
            }
            Accounts.check(dissector, entry.path)
            dissector.finish { _ in messages += 1 }
            Accounts.check(dissector, entry.path)
            #expect(dissector.heldBytes == 0 && dissector.flowCount == 0 && dissector.heldFragments == 0)
            let counted = ProtocolName.allCases.reduce(0) { $0 + dissector.counters.messages($1) }
            #expect(counted == messages, "\(entry.path)")
        }
    }

    @Test func `no capture takes longer than a second and one more for each megabyte`() throws {
        for entry in SharedCaptures.entries {
            var dissector = Dissector()
            var bytes: UInt64 = 0
            let clock = ContinuousClock()
            let time = clock.measure {
                do {
                    var file = try CaptureFile(path: entry.file)
                    while try file.next({ header, frame in
                        bytes += UInt64(frame.byteCount)
                        dissector.dissect(frame, header) { _ in }
                    }) {}
                } catch {}
                dissector.finish { _ in }
            }
            #expect(time < .seconds(1 + Int(bytes / 1_000_000)), "\(entry.path): \(time)")
            // The same as tshark could count; a file that it could not read to its end may give more to us.
            if !entry.tsharkFailed { #expect(dissector.counters.frames == UInt64(entry.packets), "\(entry.path)") }
        }
    }

    @Test func `small bounds hold on every capture, and what they cost is counted`() throws {
        var limits = Dissector.Limits()
        limits.flows = 2
        limits.heldBytes = 4_096
        limits.pendingBytes = 1_024
        limits.fragmentedPayloads = 1
        var dissector = Dissector(limits: limits)
        for entry in SharedCaptures.entries {
            do {
                var file = try CaptureFile(path: entry.file)
                while try file.next({ header, bytes in dissector.dissect(bytes, header) { _ in } }) {
                    // The flow in use may hold more than all flows should, until it is another's turn.
                    #expect(dissector.flowCount <= 2 && dissector.heldBytes <= 4_096 + 2 * Protocols.streamBufferLimit)
                }
            } catch {}
        }
        Accounts.check(dissector, "all captures")
        #expect(dissector.counters.flowsEvicted > 0)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `overwritten frames never trap`(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var dissector = Dissector()
        for entry in SharedCaptures.entries where entry.packets <= 200 {
            do {
                var file = try CaptureFile(path: entry.file)
                while try file.next({ header, bytes in
                    var frame = bytes.withUnsafeBytes { Array($0) }
                    guard !frame.isEmpty else { return }
                    for _ in 0...random.below(4) {
                        let at = random.below(frame.count)
                        frame[at] = UInt8(truncatingIfNeeded: random.next())
                    }
                    if random.below(8) == 0 { frame.removeLast(random.below(frame.count)) }
                    dissector.dissect(frame.span.bytes, header) { _ in }
                }) {}
            } catch {}
        }
        dissector.finish { _ in }
        #expect(dissector.counters.frames > 3_000)
        Accounts.check(dissector, "seed \(seed)")
    }

    @Test func `random bytes of any link type never trap`() {
        var random = SplitMix(state: 7)
        var dissector = Dissector()
        let links: [LinkType] = [
            .null, .ethernet, .ppp, .pppSerial, .pppEthernet, .atm, .raw, .cisco, .frameRelay, .loopback, .linuxCooked,
            .ipv4, .ipv6, .linuxCooked2,
        ]
        for number in 1...20_000 {
            let frame = (0..<random.below(90)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let header = FrameHeader(
                at: Timestamp(nanoseconds: Int64(truncatingIfNeeded: random.next())),
                link: links[random.below(links.count)], originalLength: frame.count, number: UInt64(number))
            dissector.dissect(frame.span.bytes, header) { _ in }
        }
        dissector.finish { _ in }
        Accounts.check(dissector, "random bytes")
    }
}

/// The equations of `DissectionCounters`.
enum Accounts {
    static func check(_ dissector: Dissector, _ what: String) {
        let counts = dissector.counters
        #expect(
            counts.frames + counts.tunnelled
                == counts.errors(.link) + counts.otherFrames + counts.messageFrames + counts.emptyFrames
                + counts.undecodableFrames + counts.packets, "\(what)")
        #expect(
            counts.packets + counts.reassembled
                == counts.errors(.network) + counts.fragments + counts.tunnelled + counts.otherPackets
                + counts.messagePackets + counts.undecodablePackets
                + counts.errors(.transport) + counts.datagrams + counts.segments, "\(what)")
        #expect(
            counts.fragments == counts.fragmentsUsed + counts.fragmentsLost + dissector.heldFragments, "\(what)")
        #expect(
            counts.datagrams
                == counts.otherDatagrams + counts.messageDatagrams + counts.emptyDatagrams
                + counts.undecodableDatagrams, "\(what)")
        #expect(
            counts.streamBytes
                == counts.messageBytes + counts.skippedBytes + counts.duplicateBytes + counts.undecodableBytes
                + counts.ignoredBytes + counts.abandonedBytes + UInt64(dissector.unfinishedBytes), "\(what)")
    }
}

struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }
}
