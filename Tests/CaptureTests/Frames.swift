import Wire

/// Frames written by hand, so that each byte of a test can be read.
enum Frames {
    static func ethernet(_ type: UInt16, tags: [UInt16] = [], _ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2]
        for tag in tags { bytes += [0x81, 0x00] + big(tag) }
        return bytes + big(type) + payload
    }

    static func ipv4(
        _ source: String, _ target: String, protocolNumber: UInt8 = 17, identification: UInt16 = 1,
        flags: UInt16 = 0, _ payload: [UInt8]
    ) -> [UInt8] {
        [0x45, 0] + big(UInt16(20 + payload.count)) + big(identification) + big(flags) + [64, protocolNumber, 0, 0]
            + address(source) + address(target) + payload
    }

    static func ipv6(_ source: String, _ target: String, next: UInt8 = 17, _ payload: [UInt8]) -> [UInt8] {
        [0x60, 0, 0, 0] + big(UInt16(payload.count)) + [next, 64] + address(source) + address(target) + payload
    }

    static func udp(_ source: UInt16, _ target: UInt16, _ payload: [UInt8]) -> [UInt8] {
        big(source) + big(target) + big(UInt16(8 + payload.count)) + [0, 0] + payload
    }

    static func udp(_ source: UInt16, _ target: UInt16, _ payload: String) -> [UInt8] {
        udp(source, target, Array(payload.utf8))
    }

    static func cooked(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0] + big(type) + payload
    }

    static func cooked2(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        big(type) + [0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0] + payload
    }

    static func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }

    static func address(_ text: String) -> [UInt8] {
        guard let address = IPAddress(text) else { return [] }
        let words = address.isIPv4 ? [address.low << 32] : [address.high, address.low]
        let bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) } }
        return Array(bytes.prefix(address.isIPv4 ? 4 : 16))
    }
}
