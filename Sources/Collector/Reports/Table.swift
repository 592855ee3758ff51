import Domain

/// Rows for a person, a spreadsheet or a program: every report is one, and each form is made here and nowhere else.
public struct Table: Hashable, Sendable {
    public struct Column: Hashable, Sendable {
        /// The key in CSV and JSON.
        public var key: String
        /// The heading in the terminal.
        public var title: String
        public var isNumeric: Bool

        public init(_ key: String, _ title: String? = nil, numeric: Bool = false) {
            self.key = key
            self.title = title ?? key
            isNumeric = numeric
        }
    }

    public enum Cell: Hashable, Sendable {
        case text(String)
        case integer(Int64)
        /// A share, 0…1.
        case share(Double)
        case milliseconds(Int64)
        case flag(Bool)
        /// Several words: an array in JSON, `+`-joined in CSV.
        case list([String])
        /// No data, which is never 0.
        case none
    }

    public var columns: [Column]
    public var rows: [[Cell]]
    /// Under the table, for a person.
    public var notes: [String]

    public init(columns: [Column], rows: [[Cell]], notes: [String] = []) {
        self.columns = columns
        self.rows = rows
        self.notes = notes
    }
}

extension Table {
    /// RFC 4180 with line feeds: a heading, then a line per row; no data is an empty cell. Text that a spreadsheet would
    /// take for a formula gets an apostrophe in front.
    public var csv: String {
        var out = csvLine(columns.map(\.key)) + "\n"
        for row in rows {
            out += csvLine(row.map(\.csv)) + "\n"
        }
        return out
    }

    /// A JSON array of objects, one per line; no data is an absent key.
    public var json: String {
        let lines = rows.map { row in
            let pairs = zip(columns, row).compactMap { column, cell in
                cell.json.map { jsonString(column.key) + ":" + $0 }
            }
            return "{" + pairs.joined(separator: ",") + "}"
        }
        return lines.isEmpty ? "[]\n" : "[\n" + lines.joined(separator: ",\n") + "\n]\n"
    }

    /// Columns aligned by display width, numbers to the right; headings in bold with `colour`.
    public func text(colour: Bool = false) -> String {
        let cells = rows.map { row in row.map(\.plain) }
        var widths = columns.map { displayWidth($0.title) }
        for row in cells {
            for (index, text) in row.enumerated() where index < widths.count {
                widths[index] = max(widths[index], displayWidth(text))
            }
        }
        func line(_ texts: [String], bold: Bool) -> String {
            var out = ""
            for (index, text) in texts.enumerated() where index < widths.count {
                let padding = String(repeating: " ", count: max(0, widths[index] - displayWidth(text)))
                out += columns[index].isNumeric ? padding + text : text + padding
                if index + 1 < texts.count { out += "  " }
            }
            while out.hasSuffix(" ") { out.removeLast() }
            return bold ? "\u{1B}[1m" + out + "\u{1B}[0m" : out
        }
        var out = line(columns.map(\.title), bold: colour) + "\n"
        for row in cells { out += line(row, bold: false) + "\n" }
        for note in notes { out += note + "\n" }
        return out
    }
}

extension Table.Cell {
    var csv: String {
        switch self {
        case .text(let text):
            if let first = text.first, "=+-@\t\r".contains(first) { "'" + text } else { text }
        case .integer(let value), .milliseconds(let value): String(value)
        case .share(let value): value.isFinite ? String(value) : ""
        case .flag(let value): value ? "true" : "false"
        case .list(let words): Table.Cell.text(words.joined(separator: "+")).csv
        case .none: ""
        }
    }

    var json: String? {
        switch self {
        case .text(let text): jsonString(text)
        case .integer(let value), .milliseconds(let value): String(value)
        case .share(let value): value.isFinite ? String(value) : nil
        case .flag(let value): value ? "true" : "false"
        case .list(let words): "[" + words.map(jsonString).joined(separator: ",") + "]"
        case .none: nil
        }
    }

    var plain: String {
        switch self {
        case .text(let text): printable(text)
        case .integer(let value): String(value)
        case .share(let value): percentText(value)
        case .milliseconds(let value): durationText(value)
        case .flag(let value): value ? "yes" : "no"
        case .list(let words): printable(words.joined(separator: " "))
        case .none: "no data"
        }
    }
}
