/// ONVIF events: WS-BaseNotification messages inside of SOAP, in `Notify` requests and `PullMessages` answers.
///
/// Reference: ONVIF Core Specification, chapter "Event handling"; OASIS WS-BaseNotification 1.3 section 3. Prefixes and
/// even namespaces differ from vendor to vendor, so elements are known by their local names.
public enum ONVIF {
    public enum Field {
        /// Blanks trimmed: `tns1:RuleEngine/CellMotionDetector/Motion`.
        public static let topic: FieldName = "topic"
        /// `Initialized`, `Changed` or `Deleted`; absent for an event that has no state.
        public static let operation: FieldName = "operation"
        /// As the camera wrote it.
        public static let utcTime: FieldName = "utcTime"
    }

    public static let fields: [FieldName] = [
        Field.topic, Field.operation, Field.utcTime, "source.*", "key.*", "data.*",
    ]

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let topic = message.text(Field.topic) else { return [] }
        return [(kind: "topic", value: topic)]
    }
}
