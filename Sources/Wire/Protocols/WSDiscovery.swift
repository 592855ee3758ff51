/// WS-Discovery: how cameras, printers and PCs find each other, SOAP over UDP port 3702.
///
/// Reference: OASIS WS-Discovery 1.1 and its draft of 2005; ONVIF Core Specification, "Device discovery". Elements are
/// known by their local names, since prefixes and even namespaces differ between makers. One datagram is one message;
/// what is told of several endpoints comes as fields that repeat, in their order.
public enum WSDiscovery {
    public enum Field {
        /// The last word of the action: `Hello`, `Bye`, `Probe`, `ProbeMatches`, `Resolve`, `ResolveMatches`.
        public static let action: FieldName = "action"
        public static let messageID: FieldName = "messageId"
        public static let relatesTo: FieldName = "relatesTo"
        /// `urn:uuid:…`: stays the same for the life of a device.
        public static let address: FieldName = "address"
        /// Blank-separated, as written: `dn:NetworkVideoTransmitter tds:Device`.
        public static let types: FieldName = "types"
        public static let scopes: FieldName = "scopes"
        public static let xAddrs: FieldName = "xAddrs"
        public static let metadataVersion: FieldName = "metadataVersion"
        /// Grows with each restart of the device; with the message's number it orders and de-duplicates.
        public static let instanceID: FieldName = "instanceId"
        public static let messageNumber: FieldName = "messageNumber"
        /// True where the envelope is not well-formed.
        public static let malformed: FieldName = "malformed"
    }

    /// `scope.<kind>` is what ONVIF scopes say (`onvif://www.onvif.org/name/Lobby%20cam`), unescaped.
    public static let fields: [FieldName] = [
        Field.action, Field.messageID, Field.relatesTo, Field.address, Field.types, Field.scopes, Field.xAddrs,
        Field.metadataVersion, Field.instanceID, Field.messageNumber, Field.malformed, "scope.*",
    ]

    static let depthLimit = 32
    static let fieldLimit = 256
    static let textLimit = 4_096
    static let scopeLimit = 64

    public static func summary(of message: borrowing Message) -> [(kind: String, value: String)] {
        var rows = [(kind: "datagrams", value: "udp/3702")]
        if let action = message.text(Field.action) { rows.append((kind: "action", value: action)) }
        return rows
    }

    // MARK: Writing

    /// An endpoint, as `Hello` and `ProbeMatches` tell it.
    public struct Endpoint: Hashable, Sendable {
        public var address: String
        public var types: String
        public var scopes: String
        public var xAddrs: String

        public init(address: String, types: String, scopes: String, xAddrs: String) {
            self.address = address
            self.types = types
            self.scopes = scopes
            self.xAddrs = xAddrs
        }
    }

    /// `action` is one of the words of `Field.action`; `relatesTo` is for answers.
    public static func encode(
        action: String, messageID: String, relatesTo: String? = nil, instanceID: Int = 1, messageNumber: Int = 1,
        endpoints: [Endpoint] = []
    ) -> [UInt8] {
        let discovery = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
        var text =
            #"<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope""#
        text += #" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="\#(discovery)""#
        text += #" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>"#
        text += "<a:Action>\(discovery)/\(action)</a:Action><a:MessageID>\(ONVIF.escaped(messageID))</a:MessageID>"
        if let relatesTo { text += "<a:RelatesTo>\(ONVIF.escaped(relatesTo))</a:RelatesTo>" }
        text += #"<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"#
        text += #"<d:AppSequence InstanceId="\#(instanceID)" MessageNumber="\#(messageNumber)"/></s:Header>"#
        let isAnswer = action.hasSuffix("Matches")
        text += "<s:Body><d:\(action)>"
        for endpoint in endpoints {
            if isAnswer { text += "<d:\(action.dropLast(2))>" }
            text += "<a:EndpointReference><a:Address>\(ONVIF.escaped(endpoint.address))</a:Address>"
            text += "</a:EndpointReference><d:Types>\(ONVIF.escaped(endpoint.types))</d:Types>"
            text += "<d:Scopes>\(ONVIF.escaped(endpoint.scopes))</d:Scopes>"
            text += "<d:XAddrs>\(ONVIF.escaped(endpoint.xAddrs))</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>"
            if isAnswer { text += "</d:\(action.dropLast(2))>" }
        }
        return Array((text + "</d:\(action)></s:Body></s:Envelope>").utf8)
    }
}

public struct WSDiscoveryDecoder: ProtocolDecoder {
    public static var name: ProtocolName { .wsDiscovery }
    public static var fields: [FieldName] { WSDiscovery.fields }

    public init() {}

    public mutating func decode(_ bytes: borrowing RawSpan, at time: Timestamp) throws(ParseError) -> DecodeStep {
        guard bytes.byteCount > 0 else { return .needMore(atLeast: 1) }
        let start = bytes.skip(from: bytes.holds("\u{FEFF}", at: 0) ? 3 : 0, to: bytes.byteCount, while: \.isTextBlank)
        guard bytes.octet(start) == UInt8(ascii: "<") else { throw ParseError(.application, .malformed, offset: start) }
        var walk = WSDiscovery.Walk()
        try walk.run(bytes)
        guard walk.isEnvelope else { throw ParseError(.application, .unsupported, offset: start) }
        return .message(walk.message, consumed: bytes.byteCount)
    }
}

extension WSDiscovery {
    struct Walk {
        private(set) var message = Message(.wsDiscovery)
        private(set) var isEnvelope = false
        private var names: [String] = []
        private var texts: [String] = []
        private var ignored = 0
        private var isMalformed = false

        mutating func run(_ bytes: borrowing RawSpan) throws(ParseError) {
            var scanner = XMLScanner(count: bytes.byteCount)
            walking: while message.fieldCount < fieldLimit {
                let token: XMLScanner.Token
                do throws(ParseError) {
                    token = try scanner.next(bytes)
                } catch {
                    // A document type is refused; a torn or broken tag ends what can be read.
                    if error.reason == .unsupported { throw error }
                    isMalformed = true
                    break walking
                }
                switch token {
                case .end: break walking
                case .open(let name, let attributes, let isEmpty):
                    open(bytes.text(name), attributes, bytes)
                    if isEmpty { close(bytes.text(name)) }
                case .close(let name): close(bytes.text(name))
                case .text(let range, let raw):
                    guard ignored == 0, let last = texts.indices.last, texts[last].utf8.count < textLimit else {
                        continue
                    }
                    texts[last] += raw ? bytes.text(range) : XMLScanner.text(bytes, range)
                }
            }
            if !names.isEmpty { isMalformed = true }
            while let name = names.last { close(name) }
            if isMalformed { message.add(Field.malformed, boolean: true) }
        }

        private mutating func open(_ name: String, _ attributes: Range<Int>, _ bytes: borrowing RawSpan) {
            guard ignored == 0, names.count < depthLimit else {
                ignored += 1
                return
            }
            if names.isEmpty { isEnvelope = isEnvelope || name == "Envelope" }
            names.append(name)
            texts.append("")
            guard name == "AppSequence" else { return }
            for (attribute, field) in [("InstanceId", Field.instanceID), ("MessageNumber", Field.messageNumber)] {
                var index = attributes.lowerBound
                while let (found, value) = XMLScanner.attribute(bytes, in: attributes, from: &index) {
                    if bytes.text(found) == attribute { message.add(field, text: XMLScanner.text(bytes, value)) }
                }
            }
        }

        private mutating func close(_ name: String) {
            if ignored > 0 {
                ignored -= 1
                return
            }
            guard let match = names.lastIndex(of: name) else {
                isMalformed = true
                return
            }
            if match != names.count - 1 { isMalformed = true }
            while names.count > match {
                guard let name = names.popLast(), let text = texts.popLast() else { return }
                end(name, text)
            }
        }

        private mutating func end(_ name: String, _ text: String) {
            let words = text.split(whereSeparator: { $0.isWhitespace })
            guard !words.isEmpty else { return }
            let value = words.joined(separator: " ")
            switch name {
            case "Action" where !message.has(Field.action):
                message.add(Field.action, text: value.split(separator: "/").last ?? Substring(value))
            case "MessageID": if !message.has(Field.messageID) { message.add(Field.messageID, text: value) }
            case "RelatesTo": message.add(Field.relatesTo, text: value)
            case "Address" where names.last == "EndpointReference": message.add(Field.address, text: value)
            case "Types": message.add(Field.types, text: value)
            case "XAddrs": message.add(Field.xAddrs, text: value)
            case "MetadataVersion": message.add(Field.metadataVersion, text: value)
            case "Scopes":
                message.add(Field.scopes, text: value)
                for scope in words.prefix(scopeLimit) { add(scope: scope) }
            default: break
            }
        }

        /// `onvif://www.onvif.org/<kind>/<value>`, percent-encoded.
        private mutating func add(scope: Substring) {
            let prefix = "onvif://www.onvif.org/"
            guard scope.hasPrefix(prefix) else { return }
            let path = scope.dropFirst(prefix.count)
            guard let slash = path.firstIndex(of: "/"), path.index(after: slash) < path.endIndex else { return }
            let kind = path[..<slash].lowercased()
            guard kind.utf8.count <= 32 else { return }
            let value = Array(path[path.index(after: slash)...].utf8)
            message.add(
                FieldName("scope.\(kind)"), text: HTTP1.URLParameters.unescaped(value.span.bytes, 0..<value.count))
        }
    }
}
