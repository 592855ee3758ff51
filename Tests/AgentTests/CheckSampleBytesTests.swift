import Testing

@testable import Agent

/// What `check` says of a sample's bytes: heads, lengths, ends and times that are not as they must be.
struct CheckSampleBytesTests {
    private static let posts = """
        protocol: http
        body: json
        match: { target: /in }
        rules:
          - id: left
            match: { json.event: left }
            event: ticket.left
            set: { number: "{json.no}" }
        """

    @Test func `HTTP without crlf is told where it stands`() throws {
        let day = """
            @ 2026-11-10T08:00:00.000+07:00
            POST /in HTTP/1.1
            Content-Length: 5

            {"a"}
            @ 2026-11-10T08:01:00.000+07:00 crlf
            POST /in HTTP/1.1
            Content-Length: *

            {"event":"left","no":"A1"}
            """
        #expect(
            try CheckTellingTests.told(Self.posts, day).problems == [
                "day.txt:1: the lines of http end in CR LF, and a blank one ends the head: write 'crlf' after the time"
            ])
        let sip = "protocol: sip\nrules:\n  - id: all\n    ignore: true\n"
        let options = "@ 2026-11-10T08:00:00.000+07:00\nOPTIONS sip:a@b SIP/2.0\nCall-ID: 1\nCSeq: 1 OPTIONS\n"
        #expect(
            try CheckTellingTests.told(sip, options).problems.first?.hasPrefix(
                "day.txt:1: the lines of sip end in CR LF") == true)
    }

    @Test func `bytes that are no whole message are told where they begin`() throws {
        let day = """
            @ 2026-11-10T08:00:00.000+07:00 crlf
            POST /in HTTP/1.1
            Content-Length: *

            {"event":"left","no":"A1"}
            @ 2026-11-10T08:01:00.000+07:00 crlf
            POST /in HTTP/1.1
            Content-Length: 2000

            {"event":"left","no":"A2"}
            @ 2026-11-10T08:02:00.000+07:00 crlf
            POST /in HTTP/1.1
            Content-Length: *

            {"event":"left","no":"A3"}
            """
        let problem = try CheckTellingTests.told(Self.posts, day).problems.first
        #expect(problem?.hasPrefix("day.txt:6: the last ") == true)
        #expect(problem?.hasSuffix(" bytes, from here on, are no whole message") == true)
    }

    @Test(arguments: [
        (
            "Content-Length: *\n{\"event\":\"left\"}",
            "day.txt:1: '{\"event\":\"left\"}' is no header; a blank line ends the head"
        ),
        (
            "Host: x\n\n{\"event\":\"left\"}",
            "day.txt:1: no http message: malformed at byte 0; what stands before it is a whole message: "
                + "write 'Content-Length: *'"
        ),
        (
            "Content-Length: 30\n\n{\"event\":\"left\"}",
            "day.txt:6: no http message: malformed at byte 0, after the 57 bytes from line 1 on that are no whole "
                + "message: is its length right?"
        ),
    ])
    func `a head or a length that is wrong is told with the way out`(lines: String, message: String) throws {
        let block = "@ 2026-11-10T08:00:00.000+07:00 crlf\nPOST /in HTTP/1.1\n"
        let day = block + lines + "\n" + block + "Content-Length: *\n\n{}\n"
        #expect(try CheckTellingTests.told(Self.posts, day).problems == [message])
    }

    @Test func `a text without length is read when the connection ends, and told as that`() throws {
        let profile = """
            protocol: http
            body: pairs
            rules:
              - id: left
                match: { pair.event: left }
                event: ticket.left
                set: { number: "{pair.no}" }
            """
        let day = """
            @ 2026-11-10T08:00:00.000+07:00 to-device crlf
            GET /s HTTP/1.1

            @ 2026-11-10T08:00:01.000+07:00 crlf
            HTTP/1.1 200 OK
            Content-Type: text/plain

            @ 2026-11-10T08:00:02.000+07:00 hex
            "event=left no=A1" 0d0a
            """
        let told = try CheckTellingTests.told(profile, day)
        #expect(told.problems == [] && told.warnings == [])
        #expect(
            told.notes == [
                "day.txt:4: this has no length and is read as one message, when the connection ends"
            ])
    }

    @Test func `what is given in another form than the protocol's, or stands in no frame, is told`() throws {
        let plain = "@ 2026-11-10T08:00:00.000+07:00\n{\"event\":\"motion\"}\n"
        #expect(
            try CheckTellingTests.told(CheckTellingTests.detectors, plain).problems == [
                "day.txt:1: no mqtt message: malformed at byte 0; is 'publish TOPIC' missing after the time?"
            ])
        let profile = """
            protocol: framed
            frame: 'start 02; end 03; separator ","; field 0 command; field 1 ticket'
            rules:
              - id: called
                match: { field.command: CALL }
                event: ticket.called
                set: { number: "{field.ticket}" }
            """
        let day = "@ 2026-11-10T08:00:00.000+07:00 hex\n00 00 02 \"CALL,A1\" 03 ff\n"
        #expect(
            try CheckTellingTests.told(profile, day).notes == [
                "day.txt:1: 3 bytes stand in no frame and are passed over"
            ])
    }

    @Test func `messages out of order are told`() throws {
        let day = "@ 2026-11-10T08:01:00.000+07:00 publish a\n{}\n@ 2026-11-10T08:00:00.000+07:00 publish a\n{}\n"
        #expect(
            try CheckTellingTests.told(CheckTellingTests.detectors, day).problems == [
                "day.txt:3: this is heard before the message of line 1; messages stand in the order of their times"
            ])
    }

    @Test func `what the profile's own match refuses is told as that, and advice is given only where it helps`() throws
    {
        let block = { (target: String, words: String) in
            "@ 2026-11-10T08:00:00.000+07:00 \(words)crlf\nPOST \(target) HTTP/1.1\nContent-Length: *\n\n"
                + "{\"event\":\"left\",\"no\":\"A1\"}\n"
        }
        #expect(
            try CheckTellingTests.told(Self.posts, block("/other", "")).notes == [
                "day.txt:1: unmapped: the profile's own 'match' does not hold: target is '/other'"
            ])
        // No rule is for it, whoever is told it.
        #expect(try CheckTellingTests.told(Self.posts, block("/other", "to-device ")).notes == [])
        #expect(
            try CheckTellingTests.told(Self.posts, block("/in", "to-device ")).notes == [
                "day.txt: 1 messages to the device, which a rule is for, are not heard; 'party: either' also hears what "
                    + "it is sent"
            ])
    }
}
