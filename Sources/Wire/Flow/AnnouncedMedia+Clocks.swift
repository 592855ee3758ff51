extension AnnouncedMedia {
    /// What one description of RTSP says of clocks.
    struct Clocks: Sendable {
        /// The conversation that it was told in (RFC 2326 section 1.6).
        struct Session: Hashable, Sendable {
            var server: Endpoint
            var client: Endpoint
        }

        var session: Session
        /// As in `Announcement.clockRates`.
        var rates: [UInt8: Int]

        init(server: Endpoint, client: Endpoint, rates: [UInt8: Int]) {
            session = Session(server: server, client: client)
            self.rates = rates
        }
    }

    /// Clocks that DESCRIBE told, for the ports that SETUP will tell. Bounded: the oldest makes room.
    struct DescribedClocks: Sendable {
        static let limit = 64
        private var told: [Clocks] = []

        mutating func keep(_ clocks: Clocks) {
            told.removeAll { $0.session == clocks.session }
            if told.count >= Self.limit { told.removeFirst() }
            told.append(clocks)
        }

        subscript(session: Clocks.Session) -> [UInt8: Int] {
            told.last { $0.session == session }?.rates ?? [:]
        }
    }
}
