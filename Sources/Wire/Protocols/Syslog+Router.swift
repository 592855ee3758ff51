// What Cisco IOS and its kin write before and into the older form: `45: host: *Mar  1 00:00:00.123 UTC: %SYS-5-…`.
extension Syslog {
    /// Passes over a sequence number, a host and the mark of a clock that is not set (`*`, `.`), where a time follows;
    /// otherwise over nothing.
    static func routerPrefix(
        _ bytes: borrowing RawSpan, from start: Int, to end: Int, _ message: inout Message
    ) -> Int {
        var index = start
        let digits = bytes.skip(from: start, to: min(end, start + 11)) { $0.isDigit }
        if digits > start, bytes.octet(digits) == UInt8(ascii: ":"), bytes.octet(digits + 1) == 32 {
            index = bytes.skip(from: digits + 1, to: end) { $0 == 32 }
        }
        var host: Range<Int>?
        if index > start, stamp(bytes, from: unset(bytes, index), to: end) == nil {
            let stop = bytes.skip(from: index, to: min(end, index + 64)) { $0 > 32 && $0 != UInt8(ascii: ":") }
            guard stop > index, bytes.octet(stop) == UInt8(ascii: ":"), bytes.octet(stop + 1) == 32 else {
                return start
            }
            host = index..<stop
            index = bytes.skip(from: stop + 1, to: end) { $0 == 32 }
        }
        let time = unset(bytes, index)
        guard time > start, stamp(bytes, from: time, to: end) != nil else { return start }
        if let host { message.add(Field.hostname, in: host) }
        return time
    }

    private static func unset(_ bytes: borrowing RawSpan, _ index: Int) -> Int {
        let byte = bytes.octet(index)
        return byte == UInt8(ascii: "*") || byte == UInt8(ascii: ".") ? index + 1 : index
    }

    /// Passes over the zone that stands between a time and the colon before `%FACILITY-…`.
    static func zone(_ bytes: borrowing RawSpan, from start: Int, to end: Int) -> Int {
        guard bytes.octet(start) == 32, start < end else { return start }
        let stop = bytes.skip(from: start + 1, to: min(end, start + 7)) { $0.isUppercase }
        return stop > start + 1 && bytes.holds(": %", at: stop) ? stop : start
    }
}
