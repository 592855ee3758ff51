import Capture
import Testing
import Wire

/// What `decode --summary` counts of the binary and discovery protocols against tshark's counts (`captures/expected.tsv`).
@Suite(.enabled(if: SharedCaptures.isPresent, SharedCaptures.absent))
struct SummaryBinaryTests {
    static let protocols: Set<String> = ["snmp", "rtcp", "mdns", "ssdp", "dhcp", "q931", "h225", "stun", "rtp"]

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
            capture: "markofu+pcaps/HoneyNet__0410__Forensic_challenge_4.pcap",
            why: "Frames 4445 and 4447 are ICMP errors that quote RTP; a quotation is not said again.",
            rows: [("rtp\tssrc/pt\t0x42afe59b/0", 1_302, 1_304)]),
        SummaryTests.Difference(
            capture: "ntop+nDPI/tests__cfgs__default__pcap__fuzz-2006-06-26-2594.pcap",
            why: """
                Frame 630 was overwritten with `aa`: 170 bytes of padding in a payload of 162 are no RTP \
                (RFC 3550 appendix A.1).
                """,
            rows: [("rtp\tssrc/pt\t0xaaaaaaaa/42", 0, 1)]),
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
        let theirs = SummaryTests.expectations(of: Self.protocols, but: Self.differences)
        for entry in SharedCaptures.entries {
            let ours = SummaryTests.summary(entry.file, counters: false) {
                Self.protocols.contains($0.message.protocolName.rawValue)
            }
            let expected = theirs[entry.path] ?? [:]
            for key in Set(ours.keys).union(expected.keys).sorted() where ours[key] != expected[key] {
                let counts = "\(ours[key] ?? 0), not \(expected[key] ?? 0)"
                Issue.record("\(entry.path): \(key.debugDescription): \(counts)")
            }
        }
    }
}
