import Domain

/// What a page needs to know of its reader: the language, and whether links have to carry it on.
struct PageContext: Hashable, Sendable {
    var language: Language
    /// The reader chose by `?lang=`, against what the browser says; links keep the choice.
    var isChosen: Bool
    var now: Instant
    /// Path and other query of this page, for the language switch.
    var path: String
    var query: [(name: String, value: String)] = []

    static func == (a: PageContext, b: PageContext) -> Bool {
        a.language == b.language && a.isChosen == b.isChosen && a.now == b.now && a.path == b.path
            && a.query.map(\.name) == b.query.map(\.name) && a.query.map(\.value) == b.query.map(\.value)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(path)
        hasher.combine(now)
    }

    /// A link inside the site, in the reader's language.
    func link(_ path: String, _ query: [(name: String, value: String)] = []) -> String {
        PageContext.join(path, query + (isChosen ? [("lang", language.rawValue)] : []))
    }

    /// This page in another language.
    func link(in language: Language) -> String {
        PageContext.join(path, query + [("lang", language.rawValue)])
    }

    func dayPath(_ office: String, _ day: LocalDay) -> String {
        "/offices/" + PageContext.encoded(office) + "/" + day.description
    }

    /// Where a number of a day is explained.
    func whyPath(_ office: String, _ day: LocalDay, _ metric: String) -> String {
        dayPath(office, day) + "/why/" + PageContext.encoded(metric)
    }

    /// A number as a link to its explanation; what is no number stays as it is.
    func why(_ office: String, _ day: LocalDay, _ metric: String, _ text: Markup) -> Markup {
        "<a class=\"why\" href=\"\(link(whyPath(office, day, metric)))\">\(text)</a>"
    }

    private static func join(_ path: String, _ query: [(name: String, value: String)]) -> String {
        if query.isEmpty { return path }
        return path + "?" + query.map { encoded($0.name) + "=" + encoded($0.value) }.joined(separator: "&")
    }

    /// `%C3%A1` as the letter it stands for; as it was said where that is no UTF-8.
    static func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == 0x25, rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? text
    }

    /// Percent-encoding of everything but the unreserved characters (RFC 3986 §2.3).
    static func encoded(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                out += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
            }
        }
        return out
    }
}

/// The frame around every page: one header, one main, one footer, one sheet, one small script.
enum Page {
    /// `isLive`: the main part refreshes itself while the day runs.
    static func shell(title: String, isLive: Bool, context: PageContext, main: Markup) -> Markup {
        let language = context.language
        let other: Language = language == .vi ? .en : .vi
        let refresh: Markup = isLive ? "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>" : ""
        return """
            <!DOCTYPE html>
            <html lang="\(language.rawValue)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title) · deskwatch</title>
            <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="/assets/deskwatch.css">
            <script src="/assets/deskwatch.js" defer></script>
            \(refresh)
            </head>
            <body>
            <a class="skip" href="#main">\(language("Đến nội dung", "Skip to content"))</a>
            <header>
            <a class="brand" href="\(context.link("/"))">deskwatch</a>
            <nav aria-label="\(language("Chính", "Main"))"><a href="\(context.link("/"))">\(language("Hôm nay", "Today"))</a></nav>
            <span class="stale-note" role="status">\(language("Mất liên lạc, số liệu đã cũ", "Connection lost, figures are stale"))</span>
            <a class="language" rel="alternate" hreflang="\(other.rawValue)" lang="\(other.rawValue)" href="\(context.link(in: other))">\(other == .vi ? "Tiếng Việt" : "English")</a>
            </header>
            <main id="main" tabindex="-1"\(isLive ? " data-live=\"1\"" as Markup : "")>
            \(main)
            </main>
            <footer>
            \(language("Chỉ trạng thái và nhật ký thiết bị; không hình ảnh, không danh tính. Số liệu là bằng chứng để xem xét, không phải phán quyết về cán bộ.", "Device states and logs only; no images, no identities. The figures are evidence for a person to weigh, not a verdict on staff."))
            </footer>
            </body>
            </html>

            """
    }

    /// A page that says what is missing and where to go on.
    static func notice(_ title: String, _ text: String, context: PageContext) -> Markup {
        shell(
            title: title, isLive: false, context: context,
            main: """
                <h1>\(title)</h1>
                <p>\(text)</p>
                <p><a href="\(context.link("/"))">\(context.language("Về trang Hôm nay", "Back to Today"))</a></p>
                """)
    }
}

extension Language {
    /// How long ago: `12 s trước`. What lies ahead, by clocks that differ, is now.
    func age(_ milliseconds: Int64) -> String {
        // Days, once a number of hours says nothing to a person.
        if milliseconds >= 48 * 3_600_000 {
            let days = count(milliseconds / 86_400_000)
            return self("\(days) ngày trước", "\(days) days ago")
        }
        if milliseconds < 2_000 { return self("vừa xong", "just now") }
        let age = duration(max(0, milliseconds) / 1_000 * 1_000)
        return self(age + " trước", age + " ago")
    }
}
