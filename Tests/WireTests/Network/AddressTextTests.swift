import Glibc
import Testing

@testable import Wire

/// The reader of addresses against the C library's.
struct AddressTextTests {
    private static func system(_ text: String) -> IPAddress? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return IPAddress(v4: UInt32(bigEndian: four.s_addr)) }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        return withUnsafeBytes(of: six) { bytes in
            let words = [0, 8].map { UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self)) }
            return IPAddress(v6High: words[0], low: words[1])
        }
    }

    @Test func `texts are read as the C library reads them`() {
        let pieces = [
            "0", "1", "9", "255", "256", "1f", "ABCD", "12345", ":", ":", "::", ".", ".", "g", "", "-1", "+1", " ",
        ]
        var generator = MalformedTests.Dice(state: 7)
        var read = 0
        for _ in 0..<60_000 {
            var text = ""
            let isFour = Bool.random(using: &generator)
            for index in 0..<Int.random(in: 1...8, using: &generator) {
                if index > 0 { text += isFour ? "." : Int.random(in: 0..<6, using: &generator) == 0 ? "::" : ":" }
                text +=
                    pieces[
                        Int.random(
                            in: 0..<(Int.random(in: 0..<4, using: &generator) == 0 ? pieces.count : 5),
                            using: &generator)]
            }
            let ours = IPAddress(text)
            let theirs = Self.system(text)
            if theirs != nil { read += 1 }
            // Leading zeros are read, as before; an IPv4 address inside of IPv6 is not (RFC 4291 section 2.2 form 3).
            if text.contains(".") && text.contains(":") { continue }
            #expect(ours == theirs, "\(text)")
        }
        #expect(read > 1_000)
        for index in 0..<2_000 {
            var high = UInt64.random(in: 0 ... .max, using: &generator)
            var low = UInt64.random(in: 0 ... .max, using: &generator)
            if index % 2 == 0 {
                high &= 0xFFFF_0000_0000_FFFF
                low &= 0x0000_FFFF_0000_0000
            }
            let address = IPAddress(v6High: high, low: low)
            #expect(IPAddress(address.description) == address && Self.system(address.description) == address)
        }
    }

    @Test func `an endpoint's text is read again, in a message too`() {
        let addresses = ["0.0.0.0", "192.0.2.9", "255.255.255.255", "10.200.30.4", "2001:db8::1", "::"]
        for text in addresses {
            for port: UInt16 in [0, 7, 80, 514, 9_100, 65_535] {
                guard let address = IPAddress(text) else {
                    Issue.record("\(text)")
                    continue
                }
                let endpoint = Endpoint(address, port: port)
                let bytes = Array("x\(endpoint)y".utf8)
                #expect(Endpoint(bytes.span.bytes, in: 1..<bytes.count - 1) == endpoint)
                var message = Message(.sdp)
                message.add("endpoint", endpoint)
                #expect(message.text("endpoint") == endpoint.description)
            }
        }
        for text in ["", ":1", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "[::1]", "[]:1", "[1.2.3.4:5", "1.2.3:4"] {
            let bytes = Array(text.utf8)
            #expect(Endpoint(bytes.span.bytes, in: 0..<bytes.count) == nil, "\(text)")
        }
    }
}
