import Testing

@testable import Domain

struct PatternTests {
    @Test(arguments: [
        ("queue/{branch}/ticket/{action}", "queue/mx/ticket/issued", ["mx", "issued"]),
        ("queue/{branch}/ticket/{action}", "queue/a/b/ticket/x/y", ["a/b", "x/y"]),
        ("queue/{_}/ticket/issued", "queue/mx/ticket/issued", ["mx"]),
        ("{a} {b}", "x  y", ["x", " y"]), ("[{n:int}]", "[-12]", ["-12"]), ("{a}.", "a.b.", ["a.b"]),
        ("plain", "plain", []), ("{all}", "ệ", ["ệ"]),
    ])
    func `holes take what stands between`(pattern: String, text: String, found: [String]) throws {
        let match = try Pattern(pattern).match(ArraySlice(text.utf8))
        #expect(match?.map { String(decoding: $0, as: UTF8.self) } == found)
    }

    @Test(arguments: [
        ("queue/{branch}/ticket/issued", "queue//ticket/issued"), ("queue/{branch}/ticket/issued", "queue/x/ticket/"),
        ("plain", "plainer"), ("plain", "plai"), ("{n:int}", "12a"), ("{n:int}", ""), ("{n:int}", "-"),
        ("{w:word}", "a b"), ("{a}.", "."), ("{a},{b},", "x,,"), ("{n:int}", "9999999999999999999"),
    ])
    func `no match is no match`(pattern: String, text: String) throws {
        #expect(try Pattern(pattern).match(ArraySlice(text.utf8)) == nil)
    }

    @Test func `a long text costs one pass`() throws {
        let pattern = try Pattern("{a}aab{b}aab{c}aab")
        let text = Array(String(repeating: "a", count: 200_000).utf8)
        #expect(pattern.match(text[...]) == nil)
    }
}

struct StampFormatTests {
    static let clock = OfficeClock(offsetSeconds: 7 * 3_600)
    /// 2026-11-10T07:31:02.104+07:00.
    static let morning: Int64 = 1_794_270_662_104

    @Test(arguments: [
        (StampFormat.rfc3339, "2026-11-10T07:31:02.104+07:00", Int64(Self.morning)),
        (.rfc3339, "2026-11-10T00:31:02.104999Z", Self.morning), (.rfc3339, "2026-11-10t00:31:02z", Self.morning - 104),
        (.iso8601, "2026-11-10T07:31:02.104+0700", Self.morning), (.iso8601, "2026-11-10 07:31:02,104", Self.morning),
        (.iso8601, "2026/11/10 07:31", Self.morning - 2_104), (.iso8601, "2026-11-10T07:31:02.1+07", Self.morning - 4),
        (.iso8601UTC, "2026-11-10T00:31:02.104", Self.morning), (.epochSeconds, "1794270662", Self.morning - 104),
        (.epochSeconds, "1794270662.104", Self.morning), (.epochMilliseconds, "1794270662104", Self.morning),
        (.rfc3164, "Nov 10 07:31:02", Self.morning - 104), (.rfc3164, "Nov  9 07:31:02", Self.morning - 86_400_104),
    ])
    func `a time is read`(format: StampFormat, text: String, milliseconds: Int64) {
        let heard = Instant(milliseconds: Self.morning)
        #expect(format.instant(of: text, clock: Self.clock, heard: heard) == Instant(milliseconds: milliseconds))
    }

    @Test func `a time without a year is the nearest one`() {
        let newYear = Instant(milliseconds: 1_798_736_400_000)  // 2027-01-01T00:00:00+07:00
        let read = StampFormat.rfc3164.instant(of: "Dec 31 23:59:59", clock: Self.clock, heard: newYear)
        #expect(read == newYear - 1_000)
    }

    @Test(arguments: [
        (StampFormat.rfc3339, "2026-11-10T07:31:02.104"), (.rfc3339, "2026-11-10T07:31:02+0700"),
        (.iso8601, "2026-02-29T00:00:00Z"), (.iso8601, "2026-11-10T24:00:00Z"), (.iso8601, "2026-11-10"),
        (.iso8601, ""), (.iso8601, "-"), (.iso8601, "2026-11-10T07:31:02.Z"), (.epochSeconds, "99999999999999"),
        (.epochSeconds, "-"), (.epochMilliseconds, "12ab"), (.rfc3164, "Smarch 1 00:00:00"), (.rfc3164, "Nov 31"),
        (.rfc3164, "Nov 31 00:00:00"), (.iso8601, "2026-11-10T07:31:02+07:00 and more"),
        (.iso8601, String(repeating: "2", count: 5_000)),
    ])
    func `what is no time is none`(format: StampFormat, text: String) {
        #expect(format.instant(of: text, clock: Self.clock, heard: Instant(milliseconds: Self.morning)) == nil)
    }
}
