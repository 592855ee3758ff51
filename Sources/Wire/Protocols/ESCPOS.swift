/// ESC/POS: what is printed on a ticket, heard on TCP port 9100. The most universal word of a queue system: the kiosk
/// opens a connection, writes, closes.
///
/// Reference: Epson's ESC/POS command reference (ESC, FS, GS and DLE commands with their parameters' lengths); text
/// pages by Epson's numbers. A job ends at a cut or when the connection closes.
///
/// What a ticket says is printed for one citizen: its lines are there for a profile to find number and service in, and
/// nobody may store them. Images, barcodes and QR codes are stepped over and counted.
public enum ESCPOS {
    public enum Field {
        /// `job`: a ticket. `query`: the host asks for the printer's state. `status`: the printer answers.
        public static let type: FieldName = "type"
        /// The text in the largest characters, at least double ones: the ticket's number. Of several in the same size
        /// the first that has a digit comes first.
        public static let largest: FieldName = "largest"
        /// The size of those characters, 1 to 8 times the usual.
        public static let width: FieldName = "width"
        public static let height: FieldName = "height"
        /// Lines that are not blank; the first `ESCPOS.lineLimit` of them are `line.1` and so on.
        public static let lines: FieldName = "lines"
        /// True if a cut ended the job, false if the connection closed.
        public static let cut: FieldName = "cut"
        public static let images: FieldName = "images"
        /// Barcodes and two-dimensional codes printed.
        public static let codes: FieldName = "codes"
        /// Commands that are not in the reference: text near them may be wrong.
        public static let unknown: FieldName = "unknown"
        /// Of a status: what was asked is answered in these.
        public static let online: FieldName = "online"
        public static let coverOpen: FieldName = "cover-open"
        /// `ok`, `near-end` or `out`.
        public static let paper: FieldName = "paper"
        public static let error: FieldName = "error"
        /// Which status was asked for: 1 printer, 2 why it is offline, 3 errors, 4 paper; 0 another command's answer.
        public static let query: FieldName = "query"
    }

    static let linePrefix = "line."

    public static let fields: [FieldName] = [
        Field.type, Field.largest, Field.width, Field.height, Field.lines, Field.cut, Field.images, Field.codes,
        Field.unknown, Field.online, Field.coverOpen, Field.paper, Field.error, Field.query, "line.*",
    ]

    public static let lineLimit = 64
    /// Bytes of a line that are kept.
    public static let lineLengthLimit = 256

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let type = message.text(Field.type) else { return [] }
        return [("type", type)]
    }

    /// A simple ticket as kiosks print it: a heading, the number in large characters, lines, feed, cut.
    /// Text is sent in UTF-8, which is selected first.
    public static func encodeTicket(
        heading: String, number: String, lines: [String], scale: UInt8 = 4, cuts: Bool = true
    ) -> [UInt8] {
        let size = min(max(scale, 1), 8) - 1
        var out: [UInt8] = [0x1B, 0x40, 0x1C, 0x28, 0x43, 2, 0, 48, 50, 0x1B, 0x61, 1]
        out += Array(heading.utf8) + [10, 0x1D, 0x21, size << 4 | size] + Array(number.utf8) + [10, 0x1D, 0x21, 0]
        for line in lines { out += Array(line.utf8) + [10] }
        return out + [0x1B, 0x64, 4] + (cuts ? [0x1D, 0x56, 0] : [])
    }
}
