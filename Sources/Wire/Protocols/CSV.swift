/// Rows of comma-separated files: each row under the header is a message, each column a field `column.<name>`.
///
/// Reference: RFC 4180. Beyond it, because files in the wild need it: a byte order mark, LF line ends, `;`, tabs and
/// `|` as separators (the one that the header has most of), blank lines, text behind a closing quotation mark.
/// Columns without content give no field: "empty" and "absent" are not told apart by those who write such files.
public enum CSV {
    public static let fields: [FieldName] = ["line", "columns", "column.*"]

    /// Bytes of one row, columns of one file, bytes of a column's name.
    public static let rowLimit = 256 * 1_024
    public static let columnLimit = 512
    public static let nameLimit = 128

    /// One row as RFC 4180 has it, without its line end: quoted where it must be.
    public static func encode(_ values: [String], separator: Character = ",") -> String {
        values.map { value in
            let needsQuotes = value.contains { $0 == separator || $0 == "\"" || $0.isNewline }
            return needsQuotes ? "\"" + value.replacing("\"", with: "\"\"") + "\"" : value
        }.joined(separator: String(separator))
    }
}

extension String {
    /// Every `text` replaced, without Foundation.
    fileprivate func replacing(_ text: Character, with other: String) -> String {
        reduce(into: "") { $0 += $1 == text ? other : String($1) }
    }
}

/// One file, from its first byte on. The first row is the header, unless the columns' names are given.
public struct CSVDecoder: FileDecoder {
    public static var name: ProtocolName { .csv }
    public static var fields: [FieldName] { CSV.fields }

    private var separator: UInt8?
    private var names: [FieldName] = []
    private var hasHeader: Bool
    /// Columns of the first row under the header: some programs end every row with separators that the header lacks.
    private var width: Int?
    /// The number of the line that the next row begins in, from 1.
    private var line = 1
    private var isAtStart = true

    /// `separator`: one ASCII character, or `nil` to find it. `columns`: the names, for files without a header.
    public init(separator: UInt8? = nil, columns: [String] = []) {
        self.separator = separator
        names = columns.prefix(CSV.columnLimit).map { FieldName("column." + $0) }
        hasHeader = !columns.isEmpty
    }

    /// Where the next row begins.
    public var nextLine: Int { line }

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        try step(bytes, isEnd: false)
    }

    /// The last row may lack its line end.
    public mutating func finish(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> Message? {
        guard bytes.byteCount > 0, case .message(let message, _) = try step(bytes, isEnd: true) else { return nil }
        return message
    }

    /// A row that was no row: the next line is looked at.
    public mutating func resynchronise(_ bytes: borrowing RawSpan) -> Int? {
        guard let end = bytes.firstIndex(of: 10, from: 0) else { return nil }
        line += 1
        return end + 1
    }

    private mutating func step(_ bytes: borrowing RawSpan, isEnd: Bool) throws(ParseError) -> DecodeStep {
        if isAtStart, let mark = try byteOrderMark(bytes, isEnd: isEnd) { return mark }
        switch bytes.octet(0) {
        case 10 where bytes.byteCount > 0:
            line += 1
            return .skip(1)
        case 13 where bytes.octet(1) == 10 || bytes.byteCount == 1:
            if bytes.byteCount == 1, !isEnd { return .needMore(atLeast: 2) }
            line += 1
            return .skip(min(2, bytes.byteCount))
        default: break
        }
        if separator == nil {
            guard let end = lineEnd(bytes, isEnd: isEnd) else { return try more(bytes) }
            separator = Self.separator(bytes, to: end)
        }
        guard var row = Row(bytes, separator: separator ?? 44, isEnd: isEnd, isQuoting: true) else {
            return try more(bytes)
        }
        // A quotation mark that nobody closed takes the lines below into one column: then the line alone is the row.
        if hasHeader, row.lines > 1, row.cells.count != names.count || row.hasTail,
            let plain = Row(bytes, separator: separator ?? 44, isEnd: isEnd, isQuoting: false),
            plain.cells.count == names.count
        {
            row = plain
        }
        guard hasHeader else {
            try header(bytes, row)
            line += row.lines
            return .skip(row.length)
        }
        // Spreadsheets write separators for columns that nobody filled, after every row. One row with more than the
        // others has a separator within a value: reading it would shift what follows.
        if width == nil { width = row.cells.count }
        if row.cells.count == width { row.dropEmptyEnd(to: names.count) }
        guard row.cells.count == names.count else {
            // The caller moves on to the next line and counts.
            throw ParseError(.application, .malformed, needed: names.count, available: row.cells.count)
        }
        let message = message(bytes, row)
        line += row.lines
        return .message(message, consumed: row.length)
    }

    private func more(_ bytes: borrowing RawSpan) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount <= CSV.rowLimit else {
            throw ParseError(.application, .tooLarge, needed: bytes.byteCount, available: CSV.rowLimit)
        }
        return .needMore(atLeast: min(bytes.byteCount * 2, CSV.rowLimit + 1) + 1)
    }

    private mutating func byteOrderMark(_ bytes: borrowing RawSpan, isEnd: Bool) throws(ParseError) -> DecodeStep? {
        if bytes.byteCount < 3, !isEnd { return .needMore(atLeast: 3) }
        if (bytes.octet(0) == 0xFF && bytes.octet(1) == 0xFE) || (bytes.octet(0) == 0xFE && bytes.octet(1) == 0xFF) {
            // UTF-16: to be exported as UTF-8.
            throw ParseError(.application, .unsupported)
        }
        isAtStart = false
        return bytes.holds("\u{FEFF}", at: 0) ? .skip(3) : nil
    }

    private func lineEnd(_ bytes: borrowing RawSpan, isEnd: Bool) -> Int? {
        bytes.firstIndex(of: 10, from: 0) ?? (isEnd ? bytes.byteCount : nil)
    }

    /// What the header has most of, outside of quotation marks; a comma if it has none of them.
    private static func separator(_ bytes: borrowing RawSpan, to end: Int) -> UInt8 {
        let candidates: [UInt8] = [44, 59, 9, 124]
        var counts = [0, 0, 0, 0]
        var isQuoted = false
        for index in 0..<end {
            let byte = bytes.octet(index)
            if byte == 34 { isQuoted.toggle() }
            if !isQuoted, let which = candidates.firstIndex(of: byte) { counts[which] += 1 }
        }
        let best = counts.max() ?? 0
        guard best > 0, let which = counts.firstIndex(of: best) else { return 44 }
        return candidates[which]
    }

    private mutating func header(_ bytes: borrowing RawSpan, _ row: Row) throws(ParseError) {
        guard row.cells.count <= CSV.columnLimit else {
            throw ParseError(.application, .tooLarge, needed: row.cells.count, available: CSV.columnLimit)
        }
        names = []
        for (index, cell) in row.cells.enumerated() {
            let range = bytes.trimmed(cell.range)
            let text = cell.isEscaped ? Row.unescaped(bytes, range) : bytes.text(range)
            names.append(FieldName("column." + (text.isEmpty ? String(index + 1) : text.cut(to: CSV.nameLimit))))
        }
        hasHeader = true
    }

    private func message(_ bytes: borrowing RawSpan, _ row: Row) -> Message {
        var message = Message(.csv, copying: bytes.extracting(0..<row.length))
        message.add("line", integer: line)
        message.add("columns", integer: row.cells.count)
        for (name, cell) in zip(names, row.cells) where !cell.range.isEmpty {
            if cell.isEscaped {
                message.add(name, text: Row.unescaped(bytes, cell.range))
            } else {
                message.add(name, in: cell.range)
            }
        }
        return message
    }
}

extension String {
    /// At most so many bytes, cut between characters.
    fileprivate func cut(to limit: Int) -> String {
        if utf8.count <= limit { return self }
        var out = ""
        for character in self {
            if out.utf8.count + String(character).utf8.count > limit { break }
            out.append(character)
        }
        return out
    }
}

/// One row taken apart: where its cells stand.
private struct Row {
    struct Cell {
        var range: Range<Int>
        /// There are doubled quotation marks in it, or text behind the closing one.
        var isEscaped = false
    }

    private(set) var cells: [Cell] = []
    /// With its line end.
    private(set) var length = 0
    private(set) var lines = 1
    /// Text stood behind a closing quotation mark.
    private(set) var hasTail = false

    mutating func dropEmptyEnd(to count: Int) {
        while cells.count > count, cells.last?.range.isEmpty == true { cells.removeLast() }
    }

    /// `nil`: its end is not there yet. Without `isQuoting`, quotation marks are characters like others.
    init?(_ bytes: borrowing RawSpan, separator: UInt8, isEnd: Bool, isQuoting: Bool) {
        var index = 0
        let end = bytes.byteCount
        while true {
            guard let next = cell(bytes, from: index, separator, isQuoting, isEnd) else { return nil }
            index = next
            if index >= end {
                // The file ends here, or what follows has not come.
                guard isEnd else { return nil }
                length = end
                return
            }
            switch bytes.octet(index) {
            case separator:
                index += 1
                if index == end, !isEnd { return nil }
                if index == end {
                    cells.append(Cell(range: end..<end))
                    length = end
                    return
                }
            case 10:
                length = index + 1
                return
            default:
                // CR LF; a CR without LF was taken for text.
                length = index + 2
                return
            }
        }
    }

    /// Takes one cell; gives the index of what ended it (a separator, a line end, the end of the bytes).
    private mutating func cell(
        _ bytes: borrowing RawSpan, from start: Int, _ separator: UInt8, _ isQuoting: Bool, _ isEnd: Bool
    ) -> Int? {
        let end = bytes.byteCount
        var index = start
        guard isQuoting, bytes.octet(start) == 34, start < end else {
            while index < end {
                let byte = bytes.octet(index)
                if byte == separator || byte == 10 || (byte == 13 && bytes.octet(index + 1) == 10) { break }
                if byte == 13, index + 1 == end, !isEnd { return nil }
                index += 1
            }
            cells.append(Cell(range: start..<index))
            return index
        }
        index = start + 1
        var isEscaped = false
        while true {
            guard index < end else {
                // Never closed: at the end of the file that is all there is.
                guard isEnd else { return nil }
                cells.append(Cell(range: start + 1..<end, isEscaped: isEscaped))
                return end
            }
            let byte = bytes.octet(index)
            if byte == 10 { lines += 1 }
            if byte == 34 {
                if index + 1 == end, !isEnd { return nil }
                guard bytes.octet(index + 1) == 34, index + 1 < end else { break }
                isEscaped = true
                index += 1
            }
            index += 1
        }
        let close = index
        index += 1
        while index < end {
            let byte = bytes.octet(index)
            if byte == separator || byte == 10 || (byte == 13 && bytes.octet(index + 1) == 10) { break }
            if byte == 13, index + 1 == end, !isEnd { return nil }
            index += 1
        }
        if index > close + 1 {
            // Text behind the closing mark belongs to the value, as spreadsheets read it.
            hasTail = true
            cells.append(Cell(range: start + 1..<index, isEscaped: true))
        } else {
            cells.append(Cell(range: start + 1..<close, isEscaped: isEscaped))
        }
        return index
    }

    /// Doubled quotation marks become one, a single one (the closing mark before more text) goes.
    static func unescaped(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes.octet(index)
            if byte == 34 {
                if index + 1 < range.upperBound, bytes.octet(index + 1) == 34 {
                    out.append(34)
                    index += 2
                    continue
                }
                index += 1
                continue
            }
            out.append(byte)
            index += 1
        }
        return String(decoding: out, as: UTF8.self)
    }
}
