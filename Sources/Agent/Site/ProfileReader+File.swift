internal import Domain
internal import Wire
internal import Yams

extension ProfileReader {
    /// `frame: 'start 02; end 03; separator ","; field 0 command; field 1 ticket'`.
    mutating func frame(_ top: YAMLFields) -> FrameLayout? {
        guard let text = top.text("frame", &problems) else { return nil }
        do throws(FrameLayoutError) {
            return try FrameLayout(text: text)
        } catch {
            problems.note(top["frame"], error.description)
            return nil
        }
    }

    /// `file: { device: …, observed: …, separator: ";", columns: […], timezone: … }`.
    mutating func file(_ top: YAMLFields) -> DeviceProfile.FileForm? {
        guard let node = top["file"] else { return nil }
        let fields = YAMLFields(
            node, "'file'", known: ["device", "office", "observed", "separator", "columns", "timezone"], &problems)
        guard case .mapping = node else { return nil }
        for key in ["device", "office", "observed"] { note(["file", key], fields[key]) }
        var form = DeviceProfile.FileForm(
            device: fields.text("device", &problems), office: fields.text("office", &problems))
        form.observed = stamp(fields["observed"], ["file", "observed"])
        if let text = fields.text("separator", &problems) {
            if let byte = Self.separators[text] ?? (text.utf8.count == 1 ? text.utf8.first : nil), byte < 0x80,
                byte != 0x22, byte != 0x0A, byte != 0x0D
            {
                form.separator = byte
            } else {
                problems.note(
                    fields["separator"], "'\(Words.shown(text))' is no separator; write one character, or 'tab'")
            }
        }
        form.columns = fields.list("columns").compactMap { YAMLFields.text($0, "columns", &problems) }
        if let name = fields.text("timezone", &problems) {
            if OfficeClock(timezone: name) == nil {
                problems.note(
                    fields["timezone"],
                    "unknown timezone '\(Words.shown(name))'; write a name like Asia/Ho_Chi_Minh or Europe/Warsaw")
            } else {
                form.timezone = name
            }
        }
        return form
    }

    private static let separators: [String: UInt8] = ["tab": 9, "comma": 44, "semicolon": 59, "bar": 124]
}
