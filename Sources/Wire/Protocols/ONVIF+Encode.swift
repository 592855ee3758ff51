extension ONVIF {
    /// What a camera says in one `NotificationMessage`.
    public struct Notification: Hashable, Sendable {
        public struct Item: Hashable, Sendable {
            public var name: String
            public var value: String

            public init(_ name: String, _ value: String) {
                self.name = name
                self.value = value
            }
        }

        /// `tns1:RuleEngine/CountAggregation/OccupancyCounter`.
        public var topic: String
        /// As written in `UtcTime`: `ONVIF.utcTime` makes it.
        public var utcTime: String
        /// `Initialized`, `Changed`, `Deleted`, or absent.
        public var operation: String?
        public var source: [Item]
        public var key: [Item]
        public var data: [Item]

        public init(
            topic: String, utcTime: String, operation: String? = nil, source: [Item] = [], key: [Item] = [],
            data: [Item] = []
        ) {
            self.topic = topic
            self.utcTime = utcTime
            self.operation = operation
            self.source = source
            self.key = key
            self.data = data
        }
    }

    /// `2026-11-10T00:31:02.104Z`.
    public static func utcTime(_ time: Timestamp) -> String { CivilTime(time).rfc3339 }

    /// The SOAP 1.2 body of a WS-BaseNotification `Notify` that a camera posts to its subscriber.
    public static func encodeNotify(_ notifications: [Notification]) -> [UInt8] {
        envelope(
            "wsnt:Notify", action: "http://docs.oasis-open.org/wsn/bw-2/NotificationConsumer/Notify", notifications)
    }

    /// The SOAP 1.2 body of the answer to `PullMessages`.
    public static func encodePullMessagesResponse(_ notifications: [Notification]) -> [UInt8] {
        envelope(
            "tev:PullMessagesResponse",
            action: "http://www.onvif.org/ver10/events/wsdl/PullPointSubscription/PullMessagesResponse", notifications)
    }

    private static func envelope(_ element: String, action: String, _ notifications: [Notification]) -> [UInt8] {
        var text = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
        text += #"<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope""#
        text += #" xmlns:wsa="http://www.w3.org/2005/08/addressing""#
        text += #" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" xmlns:tt="http://www.onvif.org/ver10/schema""#
        text += #" xmlns:tev="http://www.onvif.org/ver10/events/wsdl" xmlns:tns1="http://www.onvif.org/ver10/topics">"#
        text += "<s:Header><wsa:Action>\(action)</wsa:Action></s:Header><s:Body><\(element)>"
        for notification in notifications {
            text += "<wsnt:NotificationMessage>"
            text += #"<wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">"#
            text += "\(escaped(notification.topic))</wsnt:Topic><wsnt:Message>"
            text += #"<tt:Message UtcTime="\#(escaped(notification.utcTime))""#
            if let operation = notification.operation { text += #" PropertyOperation="\#(escaped(operation))""# }
            text += ">"
            for (name, items) in [
                ("Source", notification.source), ("Key", notification.key), ("Data", notification.data),
            ] where !items.isEmpty {
                text += "<tt:\(name)>"
                for item in items {
                    text += #"<tt:SimpleItem Name="\#(escaped(item.name))" Value="\#(escaped(item.value))"/>"#
                }
                text += "</tt:\(name)>"
            }
            text += "</tt:Message></wsnt:Message></wsnt:NotificationMessage>"
        }
        text += "</\(element)></s:Body></s:Envelope>"
        return Array(text.utf8)
    }

    /// Text and attribute values alike: the five entities, and line ends and tabs as references so that attribute
    /// normalisation keeps them (XML 1.0 section 3.3.3).
    static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&apos;"
            case "\t", "\n", "\r": out += "&#\(scalar.value);"
            default: out.unicodeScalars.append(scalar.value < 32 ? "\u{FFFD}" : scalar)
            }
        }
        return out
    }
}
