extension SIP {
    /// Calls, followed through the messages that both sides send: who rings, who was answered, how it ended.
    ///
    /// Reference: RFC 3261 sections 12 to 17. A call is known by its Call-ID and the tag of the side that invited; forks
    /// of one invitation are one call, answered when the first of them is. Retransmissions and re-INVITEs change nothing,
    /// except that a re-INVITE tells of a hold. Nothing of who calls whom is kept.
    ///
    /// Memory: at most `limit` calls; then the one that was silent for longest is forgotten, and counted.
    public struct Dialogs: Sendable {
        public enum State: String, Hashable, Sendable { case invited, ringing, answered, ended }

        public enum End: Hashable, Sendable {
            /// BYE, after the call was answered.
            case hungUp
            /// CANCEL, or 487 in its wake: the caller gave up.
            case cancelled
            /// Any other final failure, with its status.
            case failed(Int)
        }

        /// What a message changed.
        public struct Change: Hashable, Sendable {
            public var callId: String
            public var state: State
            /// With `ended` only.
            public var end: End?
            /// Of the invitation, the answer and this change.
            public var invited: Timestamp
            public var answered: Timestamp?
            public var at: Timestamp
            /// Q.850 cause of the `Reason` header, where it was told.
            public var cause: Int?
        }

        private struct Call: Sendable {
            var state: State
            var invited: Timestamp
            var answered: Timestamp?
            var last: Timestamp
            var cseq: Int64
        }

        private struct Key: Hashable, Sendable {
            var callId: String
            var tag: String
        }

        public let limit: Int
        private var calls: [Key: Call] = [:]
        /// Keys in the order in which they were last heard, oldest first, with entries that are out of date.
        private var order: [(key: Key, last: Timestamp)] = []
        private var front = 0
        /// Calls that were forgotten because there were too many.
        public private(set) var forgotten: UInt64 = 0

        public init(limit: Int = 1_024) {
            self.limit = max(1, limit)
        }

        public var count: Int { calls.count }

        /// Takes one SIP message; gives what changed, if anything did.
        public mutating func accept(_ message: Message, at time: Timestamp) -> Change? {
            guard message.protocolName == .sip, let callId = message.text(Field.callId),
                let method = message.text(Field.method) ?? message.text(Field.cseqMethod)
            else { return nil }
            let from = Key(callId: callId, tag: message.text(Field.fromTag) ?? "")
            // The called side's own requests bear the tags the other way round.
            let to = Key(callId: callId, tag: message.text(Field.toTag) ?? "")
            let status = message.has(Field.method) ? nil : message.integer(Field.status).map { Int(clamping: $0) }
            let cseq = message.integer(Field.cseq) ?? 0
            switch (method, status) {
            case ("INVITE", nil):
                if calls[from] != nil || message.has(Field.toTag) && calls[to] != nil { return nil }
                // A re-INVITE of a call whose beginning was not heard: it was answered some time before.
                let isInDialog = message.has(Field.toTag)
                insert(
                    from, Call(state: isInDialog ? .answered : .invited, invited: time, last: time, cseq: cseq), time)
                return isInDialog ? nil : change(from, .invited, at: time)
            case ("INVITE", let status?): return answer(from, status, cseq, message, at: time)
            case ("CANCEL", nil):
                return end(calls[from] == nil ? to : from, .cancelled, unless: .answered, message, time)
            case ("BYE", nil): return end(calls[from] == nil ? to : from, .hungUp, unless: nil, message, time)
            default: return nil
            }
        }

        private mutating func answer(
            _ key: Key, _ status: Int, _ cseq: Int64, _ message: Message, at time: Timestamp
        ) -> Change? {
            guard var call = calls[key] else { return nil }
            touch(key, &call, time)
            // Answers to a re-INVITE say nothing about the call itself, and 401 and 407 only ask for credentials.
            guard call.state != .answered, cseq >= call.cseq else { return nil }
            switch status {
            case 100, 401, 407: return nil
            case 101..<200:
                guard call.state == .invited else { return nil }
                call.state = .ringing
                calls[key] = call
                return change(key, .ringing, at: time)
            case 200..<300:
                call.state = .answered
                call.answered = time
                calls[key] = call
                return change(key, .answered, at: time)
            case 487: return end(key, .cancelled, unless: nil, message, time)
            default: return end(key, .failed(status), unless: nil, message, time)
            }
        }

        private mutating func end(
            _ key: Key, _ end: End, unless state: State?, _ message: Message, _ time: Timestamp
        ) -> Change? {
            guard let call = calls[key], call.state != state else { return nil }
            var change = change(key, .ended, at: time)
            change?.end = end
            change?.cause = message.integer(Field.causeCode).map { Int(clamping: $0) }
            calls[key] = nil
            return change
        }

        private func change(_ key: Key, _ state: State, at time: Timestamp) -> Change? {
            guard let call = calls[key] else { return nil }
            return Change(
                callId: key.callId, state: state, end: nil, invited: call.invited, answered: call.answered, at: time,
                cause: nil)
        }

        private mutating func touch(_ key: Key, _ call: inout Call, _ time: Timestamp) {
            guard time > call.last else { return }
            call.last = time
            calls[key] = call
            order.append((key, time))
            trim()
        }

        private mutating func insert(_ key: Key, _ call: Call, _ time: Timestamp) {
            calls[key] = call
            order.append((key, time))
            trim()
        }

        /// Keeps both the calls and the list of their order within bounds.
        private mutating func trim() {
            while calls.count > limit || order.count - front > 4 * limit, front < order.count {
                let (key, last) = order[front]
                front += 1
                guard let call = calls[key] else { continue }
                if call.last != last { continue }
                if calls.count > limit {
                    calls[key] = nil
                    forgotten += 1
                } else {
                    // Still alive: back to the end, so that the list has one entry for each call in the end.
                    order.append((key, last))
                    if order.count - front <= calls.count + 1 { break }
                }
            }
            if front > limit {
                order.removeFirst(front)
                front = 0
            }
        }
    }
}
