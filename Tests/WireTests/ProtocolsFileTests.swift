import Testing

@testable import Wire

struct ProtocolsFileTests {
    private static func rows(_ text: String, separator: UInt8? = nil, columns: [String] = []) -> Conversation<
        CSVDecoder
    > {
        var conversation = Conversation(CSVDecoder(separator: separator, columns: columns))
        conversation.feed(Array(text.utf8))
        conversation.close()
        return conversation
    }

    private static func values(_ text: String, separator: UInt8? = nil, columns: [String] = []) -> [[String]] {
        rows(text, separator: separator, columns: columns).messages.map { message in
            message.fields.filter { $0.name.rawValue.hasPrefix("column.") }
                .map { $0.name.rawValue.dropFirst(7) + "=" + $0.value.text }
        }
    }

    // MARK: CSV

    @Test func `a row is a message, a column a field, and what is empty is absent`() {
        #expect(Self.values("a,b,c\r\n1,,3\r\nx,y,z") == [["a=1", "c=3"], ["a=x", "b=y", "c=z"]])
        #expect(Self.rows("a,b\n1,2\n\n3,4\n").messages.map { $0.integer("line") } == [2, 4])
    }

    @Test(arguments: [
        ("a,b\n\"x, y\",2\n", ["a=x, y", "b=2"]),
        ("a,b\n\"he said \"\"no\"\"\",2\n", ["a=he said \"no\"", "b=2"]),
        ("a,b\n\"two\nlines\",2\n", ["a=two\nlines", "b=2"]),
        ("a,b\n\"\",2\n", ["b=2"]),
        ("a,b\nx\"y,2\n", ["a=x\"y", "b=2"]),
        ("a,b\n\"x\" tail,2\n", ["a=x tail", "b=2"]),
        ("\u{FEFF}a,b\n1,2\n", ["a=1", "b=2"]),
        ("a;b\n1,5;2\n", ["a=1,5", "b=2"]),
        ("a\tb\n1\t2\n", ["a=1", "b=2"]),
        ("a|b\r\n1|2\r\n", ["a=1", "b=2"]),
        ("\"a;x\",b\n1,2\n", ["a;x=1", "b=2"]),
        (" a , b \n1,2\n", ["a=1", "b=2"]),
        ("a,,c\n1,2,3\n", ["a=1", "2=2", "c=3"]),
        ("a,b\n1,2,,\n", ["a=1", "b=2"]),
        ("số,tên\n7,Nguyễn\n", ["số=7", "tên=Nguyễn"]),
    ])
    func `quotes, separators, marks and line ends as files have them`(text: String, expected: [String]) {
        #expect(Self.values(text) == [expected])
    }

    @Test func `a row with a separator too many is not read shifted, unless every row ends with it`() {
        let shifted = Self.rows("a;b;c\n1;2;3\nKham; noi;5;\n4;5;6\n")
        #expect(shifted.messages.map { $0.integer("line") } == [2])
        #expect(shifted.error?.available == 4 && shifted.error?.needed == 3)
        #expect(Self.values("a;b\n1;2;\n3;4;\n") == [["a=1", "b=2"], ["a=3", "b=4"]])
    }

    @Test func `names can be given for files without a header`() {
        #expect(Self.values("1,2\n3,4\n", columns: ["a", "b"]) == [["a=1", "b=2"], ["a=3", "b=4"]])
        #expect(Self.values("1;2\n", separator: 59, columns: ["a", "b"]) == [["a=1", "b=2"]])
    }

    @Test func `a quotation mark that nobody closed costs no other row`() {
        #expect(
            Self.values("a,b\n\"open,2\n3,4\n\"5\",6\n") == [["a=\"open", "b=2"], ["a=3", "b=4"], ["a=5", "b=6"]])
    }

    @Test func `a row of another length is malformed, with both lengths`() {
        let conversation = Self.rows("a,b,c\n1,2\n")
        #expect(conversation.error == ParseError(.application, .malformed, needed: 3, available: 2))
    }

    @Test func `how a file is cut changes nothing`() {
        DecoderVerifier.verify(
            { CSVDecoder() },
            ["\u{FEFF}a,b,c\r\n", "1,\"x, \"\"y\"\"\r\nz\",3\r\n", "\n", "4,5,6\n", "7,,9"].map { Array($0.utf8) },
            count: 3,
            closing: true)
    }

    @Test func `rows and headers beyond the bounds are refused, not held`() {
        let long = String(repeating: "x", count: CSV.rowLimit + 10)
        #expect(Self.rows("a,b\n\(long)").error?.reason == .tooLarge)
        let wide = Array(repeating: "c", count: CSV.columnLimit + 1).joined(separator: ",")
        #expect(Self.rows(wide + "\n").error?.reason == .tooLarge)
        #expect(Self.rows("\u{FF}").messages.isEmpty)
        var utf16 = Conversation(CSVDecoder())
        utf16.feed([0xFF, 0xFE, 0x61, 0x00])
        #expect(utf16.error?.reason == .unsupported)
    }

    @Test(arguments: [["a", "b"], ["", "x,y"], ["\"q\"", "two\nlines"], ["ộ", ";"]])
    func `what is encoded is read back`(values: [String]) {
        let text = "p,q\n" + CSV.encode(values) + "\n"
        let expected = zip(["p", "q"], values).filter { !$0.1.isEmpty }.map { "\($0)=\($1)" }
        #expect(Self.values(text) == [expected])
    }

    // MARK: JSON Lines

    private static func records(_ text: String) -> Conversation<JSONLinesDecoder> {
        var conversation = Conversation(JSONLinesDecoder())
        conversation.feed(Array(text.utf8))
        return conversation
    }

    @Test(arguments: [
        "{\"n\":1}\n{\"n\":2}\n", "{\"n\":1}{\"n\":2}", "[{\"n\":1},{\"n\":2}]", "[\n  {\"n\":1},\n  {\"n\":2}\n]\n",
        "{\n  \"n\": 1\n}\r\n{\n  \"n\": 2\n}", "\u{1E}{\"n\":1}\n\u{1E}{\"n\":2}\n", "\u{FEFF}{\"n\":1}\n\n{\"n\":2}",
    ])
    func `records come a line each, over lines, in sequence or in one array`(text: String) {
        let conversation = Self.records(text)
        #expect(conversation.error == nil)
        #expect(conversation.messages.map { $0.integer("json.n") } == [1, 2])
    }

    @Test func `braces in texts do not count, and lines do`() {
        let messages = Self.records("{\"a\":\"}{\\\"\",\n\"b\":{\"c\":[true,null]}}\n{\"d\":0.5}\n").messages
        #expect(messages.map { $0.integer("line") } == [1, 3])
        #expect(messages.first?.text("json.a") == "}{\"" && messages.first?.text("json.b.c.0") == "true")
    }

    @Test(arguments: [
        ("{\"n\":1\n{\"n\":2}\n", 1), ("{n:1}\n{\"n\":2}\n", 1), ("nothing\n{\"n\":2}\n", 1),
        ("{\"n\":\"\n{\"n\":2}\n", 1),
        ("{\"n\":1}\n{\"n\":\n{\"n\":2}\n", 2),
    ])
    func `a broken record costs itself only`(text: String, count: Int) {
        var decoder = JSONLinesDecoder()
        var rest = Array(text.utf8)
        var found: [Int64] = []
        var errors = 0
        while !rest.isEmpty {
            let held = rest
            do throws(ParseError) {
                switch try decoder.decode(held.span.bytes, at: Timestamp(nanoseconds: 0)) {
                case .message(let message, let consumed):
                    found.append(message.integer("json.n") ?? -1)
                    rest.removeFirst(consumed)
                case .skip(let skipped): rest.removeFirst(skipped)
                case .needMore: rest = []
                }
            } catch {
                errors += 1
                rest.removeFirst()
                let held = rest
                rest.removeFirst(decoder.resynchronise(held.span.bytes) ?? rest.count)
            }
        }
        #expect(errors == 1 && found.last == 2 && found.count == count)
    }

    @Test func `how records are cut changes nothing`() {
        DecoderVerifier.verify(
            { JSONLinesDecoder() },
            ["\u{FEFF}{\"a\":\"{\"}\n", "{\n\"b\": [1, {\"c\":2}]\n}\n", "{\"d\":\"\\\"}\"}"].map { Array($0.utf8) },
            count: 3)
    }

    @Test func `a record is bounded in depth and length`() {
        let deep = String(repeating: "[", count: 100)
        #expect(Self.records("{\"a\":" + deep).error?.reason == .tooLarge)
        let long = "{\"a\":\"" + String(repeating: "x", count: JSONLines.valueLimit + 10)
        #expect(Self.records(long).error?.reason == .tooLarge)
    }
}
