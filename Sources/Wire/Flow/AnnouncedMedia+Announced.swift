extension AnnouncedMedia {
    /// Places of one description, at most: more is nobody's call. What is beyond is counted.
    static let descriptionLimit = 16

    /// The places that the messages of one frame announce.
    struct Announced: Sendable {
        private(set) var places: [Announcement] = []
        /// Places beyond the bound of their description.
        private(set) var refused: UInt64 = 0
        /// What an answer to RTSP's DESCRIBE says of clocks: its ports are told later, by SETUP.
        private(set) var clocks: [Clocks] = []
        /// Where the places of the description at hand begin.
        private var start = 0
        private var isDescribed = false

        var isEmpty: Bool { places.isEmpty && refused == 0 && clocks.isEmpty }

        /// Adds the places that a message announces.
        @inline(__always)
        mutating func note(_ heard: HeardMessage) {
            switch heard.message.protocolName {
            case .sdp:
                let rates = describe(heard.message)
                // A description comes right behind the message that it was in.
                if isDescribed, !rates.isEmpty {
                    clocks.append(Clocks(server: heard.source, client: heard.target, rates: rates))
                }
                isDescribed = false
            case .rtsp:
                isDescribed = heard.message.has(RTSP.Field.status)
                transport(heard)
            default: break
            }
        }

        /// Media that share a place (RFC 9143) are one announcement, with the formats of all.
        private mutating func add(
            _ place: Endpoint, isControl: Bool, _ rates: [UInt8: Int] = [:], session: Clocks.Session? = nil
        ) {
            if let known = places[start...].firstIndex(where: { $0.place == place }) {
                // RTCP at a place of media shares it (RFC 5761): the place stays one of media.
                if !isControl { places[known].isControl = false }
                places[known].clockRates.merge(rates) { first, _ in first }
            } else if places.count - start < descriptionLimit {
                places.append(
                    Announcement(place: place, isControl: isControl, clockRates: rates, session: session))
            } else {
                refused &+= 1
            }
        }

        /// Returns the clocks of all media; 0 for a type that two of them define differently.
        @inline(never)
        private mutating func describe(_ message: Message) -> [UInt8: Int] {
            start = places.count
            var rates: [UInt8: Int] = [:]
            var all: [UInt8: Int] = [:]
            message.eachText { name, bytes, value in
                switch name {
                case SDP.Field.media: rates = [:]
                case SDP.Field.format:
                    if let format = Self.format(bytes, value) {
                        rates[format.type] = format.rate
                        all[format.type] = (all[format.type] ?? format.rate) == format.rate ? format.rate : 0
                    }
                case SDP.Field.endpoint:
                    if let place = Endpoint(bytes, in: value) { add(place, isControl: false, rates) }
                case SDP.Field.controlEndpoint:
                    if let place = Endpoint(bytes, in: value) { add(place, isControl: true) }
                default: break
                }
            }
            return all
        }

        /// `97 opus/48000/2`: the payload type and its ticks a second, 0 for events.
        private static func format(_ bytes: borrowing RawSpan, _ text: Range<Int>) -> (type: UInt8, rate: Int)? {
            let end = text.upperBound
            let blank = bytes.skip(from: text.lowerBound, to: end, while: \.isDigit)
            let name = bytes.skip(from: blank, to: end) { $0 == 32 }
            let slash = bytes.skip(from: name, to: end) { $0 != UInt8(ascii: "/") }
            let rate = bytes.skip(from: slash + 1, to: end, while: \.isDigit)
            guard name > blank, slash < end, rate == end || bytes.octet(rate) == UInt8(ascii: "/"),
                let type = bytes.decimal(text.lowerBound..<blank), type < 128,
                let ticks = bytes.decimal(min(slash + 1, rate)..<rate), ticks > 0
            else { return nil }
            let isEvent = bytes.matches("telephone-event", in: name..<slash) || bytes.matches("tone", in: name..<slash)
            return (UInt8(type), isEvent ? 0 : ticks)
        }

        /// `RTP/AVP;unicast;client_port=4588-4589;server_port=6256-6257`, granted.
        @inline(never)
        private mutating func transport(_ heard: HeardMessage) {
            guard heard.message.has(RTSP.Field.status), let text = heard.message.text(RTSP.Field.transport),
                text.hasPrefix("RTP/"), text.utf8.count <= 512
            else { return }
            start = places.count
            for part in text.split(separator: ";") {
                let sides = part.split(separator: "=", maxSplits: 1)
                guard sides.count == 2 else { continue }
                let address: IPAddress
                switch sides[0] {
                case "client_port": address = heard.target.address
                case "server_port": address = heard.source.address
                default: continue
                }
                for (index, port) in sides[1].split(separator: "-").prefix(2).enumerated() {
                    guard let port = UInt16(port), port > 0 else { continue }
                    add(
                        Endpoint(address, port: port), isControl: index == 1,
                        session: Clocks.Session(server: heard.source, client: heard.target))
                }
            }
        }
    }
}
