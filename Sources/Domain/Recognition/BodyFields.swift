import Wire

/// Takes the body of a message apart, when a rule asks for what is in it.
enum BodyFields {
    /// The message with the fields of its body added; what a damaged body does not give is absent.
    static func add(_ body: DeviceProfile.Body, to message: Message) -> Message {
        var out = message
        do throws(ParseError) {
            switch body {
            case .pairs: try PairFields.flatten(&out)
            case .json: try JSONFields.flatten(&out)
            case .xml: try XMLFields.flatten(&out)
            }
        } catch {
            return message
        }
        return out
    }
}
