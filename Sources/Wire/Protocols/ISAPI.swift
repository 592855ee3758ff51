/// Hikvision's alerts: `EventNotificationAlert` in XML or JSON, in the parts of an alert stream or posted to an alarm
/// server.
///
/// Reference: Hikvision ISAPI, "Event Notification"; PSIA Common Metadata, from which it comes. Namespaces differ from
/// firmware to firmware, so elements are known by their local names. An alert that is not well-formed gives what can be
/// read of it. The alert's own text is the body, so that rules may take it apart as `xml` or `json` too.
public enum ISAPI {
    public enum Field {
        /// `VMD`, `videoloss`, `diskerror`, `fielddetection` …; of an access controller `AccessControllerEvent`.
        public static let eventType: FieldName = "eventType"
        /// `active` or `inactive`.
        public static let eventState: FieldName = "eventState"
        public static let eventDescription: FieldName = "eventDescription"
        /// As the device wrote it; the zone may be absent or wrong.
        public static let dateTime: FieldName = "dateTime"
        /// `dynChannelID` of a recorder's network channel, else `channelID`.
        public static let channel: FieldName = "channel"
        public static let activePostCount: FieldName = "activePostCount"
        /// `human`, `vehicle`.
        public static let target: FieldName = "target"
        public static let region: FieldName = "region"
        /// The first disk that is named in an alert about disks.
        public static let disk: FieldName = "disk"
        public static let ipAddress: FieldName = "ipAddress"
        public static let macAddress: FieldName = "macAddress"
        /// True where the alert only says that the device lives: `heartBeat`, or a `videoloss` that is inactive and was
        /// never active.
        public static let heartbeat: FieldName = "heartbeat"
        /// True where the text is not well-formed.
        public static let malformed: FieldName = "malformed"
    }

    public static let fields: [FieldName] = [
        Field.eventType, Field.eventState, Field.eventDescription, Field.dateTime, Field.channel,
        Field.activePostCount, Field.target, Field.region, Field.disk, Field.ipAddress, Field.macAddress,
        Field.heartbeat, Field.malformed, "alert.*",
    ]

    /// Whom an access controller or a plate reader saw.
    public static let secretFields: [FieldName] = [
        "alert.AccessControllerEvent.name", "alert.AccessControllerEvent.employeeNoString",
        "alert.AccessControllerEvent.employeeNo", "alert.AccessControllerEvent.cardNo", "alert.ANPR.licensePlate",
        "alert.ANPR.originalLicensePlate",
    ]

    public static let alertLimit = 64

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        guard let type = message.text(Field.eventType) else { return [] }
        return [(kind: "event-type", value: type)]
    }
}
