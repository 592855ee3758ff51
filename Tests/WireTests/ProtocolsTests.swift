import Testing

@testable import Wire

struct ProtocolsTests {
    static let here = Endpoint(IPAddress(v4: 0x0A00_0001), port: 40_000)
    static func there(_ port: UInt16) -> Endpoint { Endpoint(IPAddress(v4: 0x0A00_0002), port: port) }

    @Test func `a port of ours names the protocol and somebody else's port is noise`() {
        let table = PortTable()
        #expect(table.datagram(source: 40_000, target: 514) == .syslog)
        #expect(table.datagram(source: 514, target: 40_000) == .syslog)
        #expect(table.datagram(source: 40_000, target: 53) == .noise)
        #expect(table.stream(source: 1883, target: 40_000) == .mqtt)
        #expect(table.stream(source: 443, target: 40_000) == .noise)
        #expect(table.stream(source: 40_000, target: 40_001) == .unknown)
    }
}
