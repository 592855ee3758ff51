import Wire

extension Target {
    /// The first byte says how much of the input is a layout's text; the rest is its frames. A layout that is accepted is
    /// the same after it was written and read again, and its frames do not depend on how they are cut.
    func framed(_ input: [UInt8]) {
        guard let first = input.first else { return }
        let rest = input.dropFirst()
        let text = String(decoding: rest.prefix(Int(first)), as: UTF8.self)
        let frames = Array(rest.dropFirst(Int(first)))
        let layout = (try? FrameLayout(text: text)) ?? Self.call
        if let layout {
            precondition((try? FrameLayout(text: layout.text)) == layout, layout.text)
            sameHoweverCut(frames) { FramedDecoder(layout) }
        }
    }

    /// The last bytes of a job count when the connection ends, wherever it was cut.
    func printed(_ input: [UInt8]) {
        stream(.escpos, input)
        sameHoweverCut(input, closing: true) { ESCPOSDecoder() }
    }

    private static let call = try? FrameLayout(
        text: #"start 02; end 03; separator ","; checksum xor as hex; field 0 command; field 1+4 number bcd"#)
}
