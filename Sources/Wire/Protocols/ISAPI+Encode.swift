extension ISAPI {
    /// One alert, as a camera or recorder writes it.
    public struct Alert: Hashable, Sendable {
        public var eventType: String
        public var isActive: Bool
        public var dateTime: String
        public var channel: Int
        public var activePostCount: Int
        public var description: String
        public var macAddress: String?
        /// Further elements, in their order: `("detectionTarget", "human")`.
        public var more: [(name: String, value: String)]

        public init(
            eventType: String, isActive: Bool, dateTime: String, channel: Int = 1, activePostCount: Int = 1,
            description: String = "", macAddress: String? = nil, more: [(name: String, value: String)] = []
        ) {
            self.eventType = eventType
            self.isActive = isActive
            self.dateTime = dateTime
            self.channel = channel
            self.activePostCount = activePostCount
            self.description = description
            self.macAddress = macAddress
            self.more = more
        }

        public static func == (a: Alert, b: Alert) -> Bool { ISAPI.encode(a) == ISAPI.encode(b) }
        public func hash(into hasher: inout Hasher) { hasher.combine(ISAPI.encode(self)) }

        /// What a recorder says every ten seconds while nothing happens.
        public static func heartbeat(dateTime: String) -> Alert {
            Alert(
                eventType: "videoloss", isActive: false, dateTime: dateTime, activePostCount: 0,
                description: "videoloss alarm")
        }
    }

    public static func encode(_ alert: Alert) -> [UInt8] {
        var items = [
            ("channelID", String(alert.channel)), ("dateTime", alert.dateTime),
            ("activePostCount", String(alert.activePostCount)), ("eventType", alert.eventType),
            ("eventState", alert.isActive ? "active" : "inactive"), ("eventDescription", alert.description),
        ]
        if let mac = alert.macAddress { items.insert(("macAddress", mac), at: 0) }
        items += alert.more.map { ($0.name, $0.value) }
        var text = #"<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">"# + "\r\n"
        for (name, value) in items { text += "<\(name)>\(ONVIF.escaped(value))</\(name)>\r\n" }
        return Array((text + "</EventNotificationAlert>\r\n").utf8)
    }

    /// The alert as a part of the endless answer to `GET /ISAPI/Event/notification/alertStream`.
    public static func encodePart(_ alert: Alert, boundary: String = "boundary") -> [UInt8] {
        HTTP1.encodePart(encode(alert), type: #"application/xml; charset="UTF-8""#, boundary: boundary)
    }
}

extension HTTP1 {
    /// One part of a multipart body: its delimiter, a head with type and length, the content, a line end.
    public static func encodePart(_ content: [UInt8], type: String, boundary: String) -> [UInt8] {
        let head = "--\(boundary)\r\nContent-Type: \(type)\r\nContent-Length: \(content.count)\r\n\r\n"
        return Array(head.utf8) + content + [13, 10]
    }
}
