extension StringProtocol {
    /// The lines of a text that a person wrote, empty ones too. What an editor of Windows wrote is as good: its CR LF is
    /// one character, and no part of a line.
    public var writtenLines: [SubSequence] {
        split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }
}
