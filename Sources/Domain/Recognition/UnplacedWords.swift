/// Words of devices for something behind them (a recorder's channel, a switch's port) that the site file explains by no
/// alias: for a person who writes one. The events themselves are counted (`PipelineCounters.Tally.unplaced`).
public struct UnplacedWords: Hashable, Sendable {
    public struct Word: Hashable, Sendable {
        /// The id of the device that said it.
        public var device: String
        /// Empty: the message named nothing.
        public var text: String
    }

    /// No more are kept; the first are enough to mend a site file by.
    public static let limit = 64

    /// In the order in which they were heard first.
    public private(set) var words: [Word] = []

    mutating func note(_ device: String, _ text: String) {
        if words.count >= Self.limit || words.contains(where: { $0.device == device && $0.text == text }) { return }
        words.append(Word(device: device, text: text))
    }
}
