extension FramedDecoder {
    /// What keeps bytes from beginning with a frame, for whoever wrote the layout or the bytes; `nil`: nothing does.
    public mutating func fault(_ bytes: borrowing RawSpan) -> String? {
        let start = Self.place(of: layout.start, bytes, from: 0, to: bytes.byteCount, mayBeCut: false)
        guard start < bytes.byteCount else { return "start \(Self.shown(layout.start)) not found" }
        let frame = bytes.extracting(start..<bytes.byteCount)
        // Each look is one of its own.
        var decoder = FramedDecoder(layout)
        do throws(ParseError) {
            guard let (payload, stated, _) = try decoder.parts(frame) else {
                if let length = layout.length {
                    return "a payload of \(length) bytes and what is around it do not fit into \(frame.byteCount) bytes"
                }
                let close = Self.place(
                    of: layout.end, frame, from: layout.start.count, to: frame.byteCount, mayBeCut: false)
                guard close < frame.byteCount else { return "end \(Self.shown(layout.end)) not found" }
                return "end \(Self.shown(layout.end)) leaves no room for the checksum"
            }
            guard let counted = decoder.counted(frame, payload, stated) else { return nil }
            let told = stated.map { frame.octet($0) }
            let isEqual = counted.count == told.count && zip(counted, told).allSatisfy { decoder.isSame($0, $1) }
            return isEqual ? nil : "checksum is \(shown(told)), counted \(shown(counted))"
        } catch {
            return "no end \(Self.shown(layout.end)) within \(FrameLayout.payloadLimit) bytes"
        }
    }

    /// A checksum that is digits is shown as these.
    private func shown(_ bytes: [UInt8]) -> String {
        let isText = layout.isHexadecimal && bytes.allSatisfy { (0x21...0x7E).contains($0) }
        return isText ? String(decoding: bytes, as: UTF8.self) : Self.shown(bytes)
    }

    private static func shown(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
    }
}
