import Testing

@testable import Wire

struct FieldsTests {
    private func message(_ body: some Sequence<UInt8>) -> Message {
        let bytes = Array("head ".utf8) + body
        var message = Message(.mqtt, copying: bytes.span.bytes)
        message.setBody(in: 5..<bytes.count)
        return message
    }

    private func flat(_ text: String, _ flatten: (inout Message) throws(ParseError) -> Void) throws(ParseError)
        -> [String]
    {
        var message = message(text.utf8)
        try flatten(&message)
        return Heard(message).fields
    }

    // MARK: Pairs

    @Test func `pairs are separated by blanks, and values may be quoted`() throws {
        #expect(
            try flat(
                #"called action=called ticket=A001 counter="quầy 1" note="say \"hi\" \\ x" empty= e="" url=http://x/?a=b"#,
                PairFields.flatten) == [
                    "pair.action=called", "pair.ticket=A001", "pair.counter=quầy 1", #"pair.note=say "hi" \ x"#,
                    "pair.empty=",
                    "pair.e=", "pair.url=http://x/?a=b",
                ])
        #expect(try flat("a=1, b=2;c=3", PairFields.flatten) == ["pair.a=1", "pair.b=2", "pair.c=3"])
        #expect(try flat("no pairs = here =x", PairFields.flatten).isEmpty)
        #expect((try? flat(#"a="open"#, PairFields.flatten)) == nil)
        #expect(try flat(String(repeating: "k=v ", count: 1_000), PairFields.flatten).count == PairFields.pairLimit)
    }

    // MARK: JSON

    @Test func `JSON becomes paths, and values keep their kind`() throws {
        var message = message(
            #"{"number":"B001","n":-12,"f":1.5e2,"t":true,"no":null,"a":[1,{"b":"x"},[]],"o":{},"e":"\u00e9\ud83d\ude00\n\/","big":12345678901234567890}"#
                .utf8)
        try JSONFields.flatten(&message)
        #expect(
            Heard(message).fields == [
                "json.number=B001", "json.n=-12", "json.f=1.5e2", "json.t=true", "json.a.0=1", "json.a.1.b=x",
                "json.e=é😀\n/", "json.big=12345678901234567890",
            ])
        #expect(message["json.n"] == .integer(-12))
        #expect(message["json.t"] == .boolean(true))
        #expect(try flat("\u{FEFF} 7 ", JSONFields.flatten) == ["json=7"])
        #expect(try flat(#""\ud800""#, JSONFields.flatten) == ["json=\u{FFFD}"])
    }

    static let brokenJSON: [(String, String)] = [
        ("empty", ""), ("garbage-after", "{} x"), ("trailing-comma", "[1,]"), ("missing-quote", #"{"a":"x}"#),
        ("missing-comma", #"{"a":1 "b":2}"#), ("missing-colon", #"{"a" 1}"#), ("single-quotes", "{'a':1}"),
        ("leading-zero", "01"), ("plus", "+1"), ("bare-minus", "-"), ("point-without-digits", "1."), ("exponent", "1e"),
        ("control-in-string", "\"a\nb\""), ("bad-escape", #""\x""#),
        ("short-escape", #""\u12""#),
        ("escape-at-end", #""\"#), ("word", "nul"), ("comment", "{/* */}"), ("unclosed", "[[1]"), ("mismatched", "[1}"),
        ("too-deep", String(repeating: "[", count: 200)), ("nan", "NaN"),
    ]

    @Test func `numbers are kept as they were written, and a key that comes twice twice`() throws {
        #expect(
            try flat(
                #"{"a":1.50,"b":-0,"c":1e999,"d":9223372036854775808,"e":007.5e0}"#.replacing("007", with: "7"),
                JSONFields.flatten) == [
                    "json.a=1.50", "json.b=-0", "json.c=1e999", "json.d=9223372036854775808", "json.e=7.5e0",
                ])
        var twice = message(#"{"k":1,"k":2}"#.utf8)
        try JSONFields.flatten(&twice)
        #expect(twice.all("json.k") == ["1", "2"])
        #expect(twice.integer("json.k") == 1)
        var torn = message([34, 0xFF, 0xC3, 34])
        try JSONFields.flatten(&torn)
        #expect(torn.text("json") == "\u{FFFD}\u{FFFD}")
    }

    @Test func `what is beyond the limits is left out and the rest counts`() throws {
        let many = try flat("[" + String(repeating: "1,", count: 2_000) + "1]", JSONFields.flatten)
        #expect(many.count == JSONFields.fieldLimit + 1)
        #expect(many.last == "json.cut=true")
        let deep = String(repeating: #"{"a":"#, count: 60) + "1" + String(repeating: "}", count: 60)
        #expect(try flat(#"{"x":"# + deep + #","y":2}"#, JSONFields.flatten) == ["json.y=2", "json.cut=true"])
        let long = "{\"" + String(repeating: "k", count: 300) + "\":1,\"b\":2}"
        #expect(try flat(long, JSONFields.flatten) == ["json.b=2", "json.cut=true"])
        let nested = String(repeating: "<a>", count: 60) + "1" + String(repeating: "</a>", count: 60)
        #expect(try flat("<r>\(nested)<b>2</b></r>", XMLFields.flatten) == ["xml.root=r", "xml.b=2", "xml.cut=true"])
        let wide = try flat("<r>" + String(repeating: "<a>1</a>", count: 2_000) + "</r>", XMLFields.flatten)
        #expect(wide.count == XMLFields.fieldLimit + 1)
        #expect(wide.last == "xml.cut=true")
    }

    @Test(arguments: brokenJSON) func `what is no JSON adds nothing`(name: String, text: String) {
        var message = message(text.utf8)
        var failed = false
        do { try JSONFields.flatten(&message) } catch { failed = true }
        #expect(failed, "\(name)")
        #expect(message.fieldCount == 0)
    }

    @Test(.enabled(if: !SharedFiles.missing)) func `recorded JSON is read, and what is not JSON is refused`() throws {
        for row in try SharedFiles.expected() where row[1] == "json" || row[1] == "invalid-json" {
            var message = message(try SharedFiles.bytes("messages/\(row[0])"))
            var failed = false
            do { try JSONFields.flatten(&message) } catch { failed = true }
            #expect(failed == (row[1] == "invalid-json"), "\(row[0])")
        }
        var counter = message(try SharedFiles.bytes("messages/mqtt/bosch_counter.json"))
        try JSONFields.flatten(&counter)
        #expect(counter.integer("json.Data.Count") == 212)
        #expect(counter.text("json.Source.Rule") == "counter 4")
    }

    // MARK: XML

    @Test func `XML becomes paths of local names below the root`() throws {
        #expect(
            try flat(
                """
                <?xml version="1.0"?><a:EventNotificationAlert version="2.0" xmlns:a='u'><!-- <x>1</x> -->
                <eventType> videoloss </eventType><list><id k="v&lt;">1</id><id>2</id></list><e/>
                <t>a &amp; b&#x20;&#67;&bogus; &#0;</t><c><![CDATA[<raw> &amp;]]></c></a:EventNotificationAlert>
                """, XMLFields.flatten) == [
                    "xml.root=EventNotificationAlert", "xml.@version=2.0", "xml.@a=u", "xml.eventType=videoloss",
                    "xml.list.id.@k=v<", "xml.list.id=1", "xml.list.id.#=1", "xml.list.id=2",
                    "xml.t=a & b C&bogus; &#0;",
                    "xml.c=<raw> &amp;",
                ])
        #expect(try flat("<r>only</r>", XMLFields.flatten) == ["xml.root=r", "xml.text=only"])
        #expect(try flat("<r>a<b>1</b>c&lt;</r>", XMLFields.flatten) == ["xml.root=r", "xml.b=1", "xml.text=ac<"])
    }

    @Test func `siblings of one name are counted from the second on, anew in each parent`() throws {
        #expect(
            try flat("<r><a x='1'/><a>2</a><b><a>3</a></b><b><a>4</a><a/></b></r>", XMLFields.flatten) == [
                "xml.root=r", "xml.a.@x=1", "xml.a.#=1", "xml.a=2", "xml.b.a=3", "xml.b.#=1", "xml.b.a=4",
                "xml.b.a.#=1",
            ])
    }

    @Test func `XML that is not well-formed is salvaged`() throws {
        #expect(
            try flat("<r><a>1</a><b>2<b></r>", XMLFields.flatten) == [
                "xml.root=r", "xml.a=1", "xml.b=2", "xml.malformed=true",
            ])
        #expect(try flat("<r><a>1</a><b", XMLFields.flatten) == ["xml.root=r", "xml.a=1", "xml.malformed=true"])
        // What may go on is not known: half a number is another number.
        let torn = ["xml.root=r", "xml.a=1", "xml.malformed=true"]
        for text in ["<r><a>1</a><b>4", "<r><a>1</a><b><!-- -->41<!-- -->5", "<r><a>1</a><b>&#52"] {
            #expect(try flat(text, XMLFields.flatten) == torn)
        }
        #expect(try flat("<r></x><a>1</a></r>", XMLFields.flatten) == ["xml.root=r", "xml.a=1", "xml.malformed=true"])
    }

    static let brokenXML: [(String, String)] = [
        ("empty", ""), ("no-element", "just text"), ("document-type", "<!DOCTYPE a><a>1</a>"),
        ("entity-bomb", "<!DOCTYPE a [<!ENTITY b \"&c;&c;\">]><a>&b;</a>"),
        ("bad-name", "<1>x</1>"),
        ("open", "<"),
        ("comment-open", "<!-- never closed"),
    ]

    @Test(arguments: brokenXML) func `what is no XML adds nothing`(name: String, text: String) {
        var message = message(text.utf8)
        var failed = false
        do { try XMLFields.flatten(&message) } catch { failed = true }
        #expect(failed, "\(name)")
        #expect(message.fieldCount == 0)
    }

    @Test(.enabled(if: !SharedFiles.missing)) func `an alert that is not well-formed still says what happened`() throws
    {
        var message = message(try SharedFiles.bytes("messages/hikvision/videoloss_two_alerts_unclosed_description.xml"))
        try XMLFields.flatten(&message)
        #expect(message.text("xml.eventType") == "videoloss")
        #expect(message.text("xml.eventState") == "inactive")
        #expect(message.has("xml.malformed"))
    }
}
