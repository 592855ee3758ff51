import Capture
import Testing
import Wire

@Suite(.enabled(if: SharedCaptures.isPresent, SharedCaptures.absent))
struct CaptureFileCorpusTests {
    /// tshark refuses these files for their link type and counts 0. The type is a number in a sound file header, so
    /// the frames are there: we deliver them, and the dissector counts them as unsupported.
    static let strangeLinks = [
        "ntop+ntopng/fuzz__corpus__fuzz_dissect_packet__hoobr_juniper3.pcap": 1,
        "ntop+ntopng/fuzz__corpus__fuzz_dissect_packet__vtp_asan-3.pcap": 1,
        "ntop+ntopng/fuzz__corpus__fuzz_dissect_packet__vtp_asan.pcap": 5,
        "the-tcpdump-group+libpcap/tests__filter__brcm-tag-stp.pcap": 4,
        "the-tcpdump-group+tcpdump/tests__frf16_magic_ie-oobr.pcap": 1,
        "the-tcpdump-group+tcpdump/tests__juniper_es_oobr.pcap": 1,
        "the-tcpdump-group+tcpdump/tests__juniper_monitor_invalid_cookie_length.pcap": 1,
        "the-tcpdump-group+tcpdump/tests__vtp_asan.pcap": 5,
    ]

    @Test func `every capture gives the frames that tshark sees, damaged ones those before the damage`() throws {
        for entry in SharedCaptures.entries {
            let (frames, error) = Self.count(entry.file)
            let expected = Self.strangeLinks[entry.path] ?? entry.packets
            #expect(
                frames == expected,
                "\(entry.path): \(frames) frames, expected \(expected); \(String(describing: error))")
            if error != nil {
                #expect(error is ParseError, "\(entry.path): \(String(describing: error))")
            }
        }
    }

    static func count(_ path: String) -> (frames: Int, error: (any Error)?) {
        var frames = 0
        do {
            var file = try CaptureFile(path: path)
            while try file.next({ _, bytes in frames += bytes.byteCount >= 0 ? 1 : 0 }) {}
            return (frames, nil)
        } catch {
            return (frames, error)
        }
    }
}
