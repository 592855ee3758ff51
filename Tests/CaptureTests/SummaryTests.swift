import Capture
import Testing
import Wire

/// What `decode --summary` counts against tshark's counts (`captures/expected.tsv`).
@Suite(.enabled(if: SharedCaptures.isPresent, SharedCaptures.absent))
struct SummaryTests {
    static let protocols: Set<String> = [
        "sip", "mqtt", "syslog", "sdp", "rtsp", "ws-discovery", "http", "lldp", "cdp",
        "vlan",
    ]
    /// For these the table has rows for some captures only: the others are not compared.
    static let partial: Set<String> = ["http", "sdp", "rtsp"]

    /// Where we count otherwise than tshark, and why ours is right. Each row: the key, ours, tshark's.
    struct Difference {
        var capture: String
        var why: String
        var rows: [(key: String, ours: UInt64, tshark: UInt64)]
    }

    static let differences = [
        Difference(
            capture: "ntop+nDPI/tests__cfgs__default__pcap__rtsp.pcap",
            why: """
                Each segment was captured up to four times (frames 1 to 4 have the same sequence number and bytes); \
                where the copies are some frames apart tshark dissects each as a request. A retransmission is not said \
                again.
                """,
            rows: [
                ("rtsp\trequest\tDESCRIBE", 6, 24), ("rtsp\trequest\tPLAY", 6, 20), ("rtsp\trequest\tSETUP", 12, 45),
            ]),
        Difference(
            capture: "CESNET+ipfixprobe/tests__functional__inputs__sip.pcap",
            why: """
                Frames 7, 10, 12, 14 and 15 are ICMP errors that quote an INVITE; tshark dissects the quotation. \
                A quotation is not said again: it was heard when it was sent.
                """,
            rows: [
                ("sip\tcall-id\t1005618626856601058973031", 1, 2), ("sip\tcall-id\t134541037829722726870702", 1, 2),
                ("sip\tcall-id\t250734243275519932787237", 1, 2), ("sip\tcall-id\t537300951939020249636108", 1, 2),
                ("sip\tcall-id\t861179810547912186475724", 1, 2), ("sip\trequest\tINVITE", 9, 14),
            ]),
        Difference(
            capture: "ntop+nDPI/tests__cfgs__default__pcap__fuzz-2006-06-26-2594.pcap",
            why: """
                A capture in which random bytes were overwritten. Frames 253 and 603: the UDP length is more than the \
                IP packet holds, so where the datagram ends is a guess; tshark marks them malformed and counts them. \
                Frame 247: the request line's end is overwritten, so it is one line with the `Via` after it. \
                Frame 182: the Call-ID has a zero byte in it; tshark ends the value there.
                """,
            rows: [
                ("sip\tcall-id\t105090259-446faf7a@192.168.%s", 0, 1),
                ("sip\tcall-id\t105090259-446faf7a@192.168.1.2", 4, 5),
                ("sip\tcall-id\t11894297-4432a9f8@192.168Q1.2", 0, 1), ("sip\tcall-id\t578222%s", 0, 1),
                ("sip\tcall-id\t578222%s\u{0}-4665d775@578222732-4665d772", 1, 0), ("sip\trequest\tACK", 3, 4),
                ("sip\trequest\tCANCEL", 7, 8), ("sip\tstatus\t407", 2, 3),
            ]),
        Difference(
            capture: "ntop+ntopng/fuzz__corpus__fuzz_dissect_packet__dhcp6_reconf_asan.pcap",
            why: "One first fragment, cut by the capture; its rest never came. There is no datagram to decode.",
            rows: [("syslog\tmessages\ttotal", 0, 1)]),
        Difference(
            capture: "the-tcpdump-group+tcpdump/tests__zephyr-oobr.pcap",
            why: """
                The message begins with `<W33>`: no priority. RFC 3164 section 4.3.3 has 13, user.notice, for it; \
                tshark counts the unset value as 0, kern.emerg.
                """,
            rows: [("syslog\tfacility.severity\tkern.emerg", 0, 1)]),
    ]

    @Test func `messages agree with tshark on every capture, but for the explained differences`() throws {
        let theirs = Self.expectations(of: Self.protocols, but: Self.differences)
        for entry in SharedCaptures.entries {
            var ours = Self.summary(entry.file)
            let expected = theirs[entry.path] ?? [:]
            // Only some captures have their tags counted in the table; `TagTests` compares the others.
            if !expected.keys.contains(where: { $0.hasPrefix("vlan") }) {
                ours = ours.filter { !$0.key.hasPrefix("vlan") }
            }
            let told = Set(expected.keys.map { $0.prefix { $0 != "\t" } })
            for key in Set(ours.keys).union(expected.keys).sorted() {
                let name = key.prefix { $0 != "\t" }
                if Self.partial.contains(String(name)), !told.contains(name) { continue }
                #expect(ours[key] == expected[key], "\(entry.path): \(key.debugDescription)")
            }
        }
    }

    /// tshark's rows of some protocols, by capture, with ours in the place of those that are explained.
    static func expectations(
        of protocols: Set<String>, but differences: [Difference]
    ) -> [String: [String: UInt64]] {
        var theirs: [String: [String: UInt64]] = [:]
        for row in SharedCaptures.rows("expected.tsv") where row.count == 5 && protocols.contains(row[1]) {
            theirs[row[0], default: [:]]["\(row[1])\t\(row[2])\t\(row[3])"] = UInt64(row[4])
        }
        #expect(theirs.count > 30)
        for difference in differences {
            for row in difference.rows {
                let told = theirs[difference.capture]?[row.key] ?? 0
                #expect(told == row.tshark, "\(difference.capture): \(row.key): the explanation is of another table")
                theirs[difference.capture, default: [:]][row.key] = row.ours == 0 ? nil : row.ours
            }
        }
        return theirs
    }

    /// tshark does not count syslog over TCP; the missing priority's `user.notice` row is ours alone.
    static func summary(_ path: String) -> [String: UInt64] {
        summary(path, counters: true) { message in
            let name = message.message.protocolName
            return protocols.contains(name.rawValue) && (name != .syslog || message.transport == .udp)
        }
    }

    /// Our rows of a capture: of the messages that are wanted, and of the dissector's own counters.
    static func summary(
        _ path: String, counters: Bool, where isWanted: (HeardMessage) -> Bool
    ) -> [String: UInt64] {
        var summary = Summary()
        var dissector = Dissector()
        func add(_ heard: HeardMessage) {
            if isWanted(heard) { summary.add(heard.message) }
        }
        do {
            var file = try CaptureFile(path: path)
            while try file.next({ header, bytes in dissector.dissect(bytes, header, add) }) {}
        } catch {
            // A damaged file's messages count as far as they go; CaptureFileCorpusTests has the rest.
        }
        dissector.finish(add)
        if counters { summary.add(dissector.counters) }
        var rows: [String: UInt64] = [:]
        for (key, count) in summary.rows { rows["\(key.protocolName)\t\(key.kind)\t\(key.value)"] = count }
        return rows
    }
}
