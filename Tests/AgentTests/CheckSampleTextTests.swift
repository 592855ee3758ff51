import Testing
import Wire

@testable import Agent

struct CheckSampleTextTests {
    private static func blocks(_ text: String) throws -> [SampleText.Block] {
        try SampleText(Array(text.utf8), path: "in.txt").blocks
    }

    @Test func `each form becomes its bytes`() throws {
        let blocks = try Self.blocks(
            """
            # before
            @ 2026-11-10T07:31:02.104+07:00
            one
            two

            @ 2026-11-10T07:31:02.105+07:00 to-device crlf
            POST / HTTP/1.1
            Content-Length: *

            a
            b
            @ 2026-11-10T07:31:02.106+07:00 hex
            c0 00
            @ 2026-11-10T07:31:02.107+07:00 base64
            wAA=
            @ 2026-11-10T07:31:02.108+07:00 publish a/b retained
            x
            """)
        #expect(blocks.map(\.bytes.count) == [7, 42, 2, 2, 8])
        #expect(blocks[0].bytes == Array("one\ntwo".utf8))
        #expect(blocks[1].bytes == Array("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\na\r\nb".utf8))
        #expect(blocks.map(\.isToDevice) == [false, true, false, false, false])
        #expect(blocks[2].bytes == [0xC0, 0] && blocks[3].bytes == [0xC0, 0])
        #expect(blocks[4].bytes == [0x31, 6, 0, 3, 0x61, 0x2F, 0x62, 0x78])
        #expect(blocks[0].at.milliseconds == 1_794_270_662_104)
    }

    @Test func `what an editor of Windows wrote is the same`() throws {
        let text = """
            # before
            @ 2026-11-10T07:31:02.104+07:00
            one
            two
            @ 2026-11-10T07:31:02.105+07:00 to-device crlf
            GET / HTTP/1.1

            @ 2026-11-10T07:31:02.106+07:00 hex
            c0 00

            """
        let lines = try Self.blocks(text)
        let windows = try Self.blocks(
            text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n"))
        #expect(windows.map(\.bytes) == lines.map(\.bytes) && windows.map(\.line) == lines.map(\.line))
        #expect(windows.map(\.isToDevice) == [false, true, false])
    }

    @Test(arguments: [
        ("", "in.txt:1: no message; each begins with '@ TIME'"), ("hello", "in.txt:1: expected '@ TIME' before"),
        ("@ yesterday\nx", "in.txt:1: '@' is followed by a time"),
        (
            "@ 2026-11-10T07:31:02Z hexx\n00",
            "in.txt:1: unknown form 'hexx' (did you mean 'hex'?); known"
        ),
        ("@ 2026-11-10T07:31:02Z hex\n0", "in.txt:1: the lines below are no hex"),
        ("@ 2026-11-10T07:31:02Z hex more\n00", "in.txt:1: 'more' is too much"),
        ("@ 2026-11-10T07:31:02Z publish\n00", "in.txt:1: 'publish' needs a topic"),
    ])
    func `what is no sample is told by line`(text: String, message: String) {
        let problems = #expect(throws: FileProblems.self) { try Self.blocks(text) }
        #expect(problems?.description.hasPrefix(message) == true)
    }
}
