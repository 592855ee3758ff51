import Wire

/// One message while rules look at it: its fields, and what patterns took from them.
struct Reading {
    private var raw: Message
    /// The message with what is in its body.
    var opened: Message
    /// Whether the rule that is asked now sees what is in the body.
    var isOpened = false
    private(set) var captured: [String?]
    /// What had been captured before the first rule was asked.
    private var shared: [String?]
    private var isShared = true
    /// The device is told it, and does not say it.
    var isTold = false
    /// The profile's named values, and those of them that have been worked out for this message.
    private let values: [Template]
    private var known: [String??]

    init(message: Message, captureCount: Int = 0, values: [Template] = []) {
        raw = message
        opened = message
        captured = captureCount > 0 ? [String?](repeating: nil, count: captureCount) : []
        shared = captured
        self.values = values
        known = values.isEmpty ? [] : [String??](repeating: .none, count: values.count)
    }

    var message: Message {
        @inline(__always)
        _read { if isOpened { yield opened } else { yield raw } }
    }

    /// Rules are asked of this message from now on; what has been captured so far is theirs to share.
    mutating func begin(_ message: Message) {
        raw = message
        opened = message
        isOpened = false
        shared = captured
        isShared = true
    }

    mutating func capture(_ text: String?, in slot: Int) {
        guard slot < captured.count else { return }
        captured[slot] = text
        isShared = false
    }

    /// What one rule captured is nothing to the next.
    mutating func forgetCaptures() {
        if isShared { return }
        captured = shared
        isShared = true
    }

    func text(_ reference: Reference) -> String? {
        switch reference {
        case .field(let name): return message.text(name)
        case .below(let prefix): return message.text(below: prefix)
        case .captured(let slot): return slot < captured.count ? captured[slot] : nil
        case .named(let index):
            guard index < values.count else { return nil }
            if case .some(let text) = known[index] { return text }
            return values[index].text(self)
        }
    }

    /// Keeps what a named value is, so that many conditions ask for it once.
    mutating func workOut(_ reference: Reference) {
        guard case .named(let index) = reference, index < values.count, known[index] == nil else { return }
        known[index] = .some(values[index].text(self))
    }

    /// Nothing is known of another message.
    mutating func forget() {
        for index in known.indices { known[index] = .none }
    }

    /// The first that is there and not empty.
    func first(_ references: [Reference]) -> String? {
        for reference in references {
            if let text = text(reference), !text.isEmpty { return text }
        }
        return nil
    }
}
