extension HTTP1.Parts {
    /// What the parts belong to.
    struct Owner: Sendable {
        var method = ""
        var target = ""
        var boundary: [UInt8] = []
        var isEvents = false
        /// Parts come as long as the connection lasts: `multipart/x-mixed-replace`.
        var isEndless = false
    }

    enum Step {
        case message(Message, consumed: Int)
        case skip(Int)
        case needMore
        /// The body is over; that many bytes of the buffer were its own.
        case over(consumed: Int)
    }
}
