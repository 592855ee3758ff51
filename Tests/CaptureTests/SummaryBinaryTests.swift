import Capture
import Testing
import Wire

/// What `decode --summary` counts of the binary and discovery protocols against tshark's counts (`captures/expected.tsv`).
@Suite(.enabled(if: SharedCaptures.isPresent, SharedCaptures.absent))
struct SummaryBinaryTests {
    static let protocols: Set<String> = ["snmp", "rtcp", "mdns", "ssdp", "dhcp", "q931", "h225", "stun"]

    static let differences = [
        SummaryTests.Difference(
            capture: "ntop+nDPI/tests__cfgs__default__pcap__capwap.pcap",
            why: "Inside of CAPWAP data, 802.11 frames between an access point and its controller: no tunnel of ours.",
            rows: [("dhcp\tmessage-type\t1", 0, 5)]),
        SummaryTests.Difference(
            capture: "ntop+nDPI/tests__cfgs__default__pcap__stun_signal.pcapng",
            why: """
                53 ICMP errors quote a STUN message; a quotation is not said again. Frames 191 and 379 are SRTCP \
                (`80c90001 000003eb`, 16 encrypted bytes, `8000000f` and `80000004` at the end): what tshark takes for \
                an APP and a packet of type 208 is encrypted.
                """,
            rows: [
                ("stun\ttype\t0x0001", 113, 144), ("stun\ttype\t0x0003", 52, 68), ("stun\ttype\t0x0104", 6, 12),
                ("rtcp\tpacket-type\t208", 0, 1), ("rtcp\tpacket-type\tAPP", 0, 1),
            ]),
        SummaryTests.Difference(
            capture: "the-tcpdump-group+tcpdump/tests__heapoverflow-q933_printq.pcap",
            why: "A PPP frame of the OSI network layer (protocol 0023): neither IP nor a call of H.323.",
            rows: [("q931\tmessage-type\t0x30", 0, 1)]),
        SummaryTests.Difference(
            capture: "the-tcpdump-group+tcpdump/tests__icmp-cksum-oobr-1.pcap",
            why: "An ICMP error quotes the report; a quotation is not said again.",
            rows: [("rtcp\tpacket-type\tSR", 0, 1)]),
        SummaryTests.Difference(
            capture: "the-tcpdump-group+tcpdump/tests__snmp-heapoverflow-2.pcap",
            why: """
                The UDP length (`3030`, 12,336) is more than the IP packet of the same length holds behind its header: \
                where the datagram ends is a guess.
                """,
            rows: [("snmp\tversion\t1", 0, 1)]),
        SummaryTests.Difference(
            capture: "zeek+zeek/testing__btest__Traces__radiotap.pcap",
            why: "802.11 frames with radiotap headers: an air's own link layer, which an office's LAN does not have.",
            rows: [("mdns\tresponse\t", 0, 1)]),
    ]

    @Test func `messages agree with tshark on every capture, but for the explained differences`() throws {
        var theirs: [String: [String: UInt64]] = [:]
        for row in SharedCaptures.rows("expected.tsv") where row.count == 5 && Self.protocols.contains(row[1]) {
            theirs[row[0], default: [:]]["\(row[1])\t\(row[2])\t\(row[3])"] = UInt64(row[4])
        }
        #expect(theirs.count > 30)
        for difference in Self.differences {
            for row in difference.rows {
                let told = theirs[difference.capture]?[row.key] ?? 0
                #expect(told == row.tshark, "\(difference.capture): \(row.key): the explanation is of another table")
                theirs[difference.capture, default: [:]][row.key] = row.ours == 0 ? nil : row.ours
            }
        }
        for entry in SharedCaptures.entries {
            let ours = Self.summary(entry.file)
            let expected = theirs[entry.path] ?? [:]
            for key in Set(ours.keys).union(expected.keys).sorted() where ours[key] != expected[key] {
                let counts = "\(ours[key] ?? 0), not \(expected[key] ?? 0)"
                Issue.record("\(entry.path): \(key.debugDescription): \(counts)")
            }
        }
    }

    static func summary(_ path: String) -> [String: UInt64] {
        var summary = Summary()
        var dissector = Dissector()
        func add(_ heard: HeardMessage) {
            if protocols.contains(heard.message.protocolName.rawValue) { summary.add(heard.message) }
        }
        do {
            var file = try CaptureFile(path: path)
            while try file.next({ header, bytes in dissector.dissect(bytes, header, add) }) {}
        } catch {
            // A damaged file's messages count as far as they go.
        }
        dissector.finish(add)
        var rows: [String: UInt64] = [:]
        for (key, count) in summary.rows { rows["\(key.protocolName)\t\(key.kind)\t\(key.value)"] = count }
        return rows
    }
}
