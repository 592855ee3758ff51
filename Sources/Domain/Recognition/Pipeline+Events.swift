import Wire

extension Pipeline {
    /// What one device means by one message.
    mutating func take(
        _ heard: HeardMessage, _ index: Int, isTold: Bool = false, _ position: UInt64, _ out: inout [DomainEvent]
    ) {
        if isTurnedAway(heard, index) { return }
        var circumstances = Circumstances(
            observed: Instant(milliseconds: heard.at.milliseconds), isOwnTime: true, peer: heard.source)
        circumstances.isTold = isTold
        take(heard.message, circumstances, index, position, &out)
    }

    /// How a message was heard.
    struct Circumstances {
        var observed: Instant
        /// The time is the agent's; a row without a time of observation has only the device's.
        var isOwnTime: Bool
        var peer: Endpoint?
        /// The device is told it, and does not say it.
        var isTold = false
    }

    mutating func take(
        _ message: Message, _ circumstances: Circumstances, _ index: Int, _ position: UInt64,
        _ out: inout [DomainEvent]
    ) {
        let name = message.protocolName
        var rest = Remains()
        if recognitions != nil { rest.elements = [] }
        let recognition = sessions[index].recognise(
            message, heard: circumstances.observed, isTold: circumstances.isTold, &rest)
        let slot = recognitions?.count
        if slot != nil {
            recognitions?.append(recognition)
            elementRecognitions = rest.elements ?? []
        }
        if rest.unmappedElements > 0 || rest.incompleteRules > 0 {
            tallies[index, name].unmappedElements &+= rest.unmappedElements
            tallies[index, name].incompleteRules &+= rest.incompleteRules
        }
        guard case .matched(let all) = recognition else {
            tallies[index, name].countNothing(recognition)
            return
        }
        var tally = PipelineCounters.Tally()
        tally.messages = 1
        let observations = circumstances.isOwnTime ? all : all.filter { $0.observed != nil || $0.stamped != nil }
        // A fact that nobody can place in time is none.
        if observations.isEmpty {
            tally.incomplete = 1
            if let slot, let rule = all.first?.rule { recognitions?[slot] = .incomplete(rule: rule, .noTime) }
        } else {
            tally.matched = 1
            tally.incompleteRules = UInt64(all.count - observations.count)
        }
        place(observations, of: name, circumstances, index, &tally, position, &out)
        tallies[index, name].add(tally)
    }

    private mutating func place(
        _ observations: [Observation], of name: ProtocolName, _ circumstances: Circumstances, _ index: Int,
        _ tally: inout PipelineCounters.Tally, _ position: UInt64, _ out: inout [DomainEvent]
    ) {
        var placed: (stamped: Instant?, placement: DeviceClock.Placement)?
        for observation in observations {
            guard sessions[index].isNews(observation) else {
                tally.unchanged += 1
                continue
            }
            let observed =
                observation.observed
                ?? (circumstances.isOwnTime
                    ? circumstances.observed
                    : observation.stamped.map { sessions[index].clock.believe(stamped: $0) } ?? circumstances.observed)
            var placement = DeviceClock.Placement(at: observed, flags: [])
            // A state told again may bear the time of its last change: that is no late delivery. And where there is no
            // second clock, there is nothing to compare.
            if circumstances.isOwnTime, observation.observed == nil, !observation.flags.contains(.restated) {
                if let known = placed, known.stamped == observation.stamped {
                    placement = known.placement
                } else {
                    placement = sessions[index].clock.place(observed: observed, stamped: observation.stamped)
                    placed = (observation.stamped, placement)
                }
            }
            // A recorder speaks for the cameras behind it.
            let about = observation.device.map { byDevice[$0] } ?? index
            if about == nil {
                tally.unplaced += 1
                unplaced.note(sessions[index].device, observation.device ?? "")
                if observation.kind.isOfDeviceItself { continue }
            }
            if observation.lacksStamp { tally.unstamped += 1 }
            let target = about ?? index
            let isChange = sessions[target].isChange(observation, at: observed)
            if let due = sessions[target].timed.due { nextDue = min(nextDue, due) }
            guard isChange else {
                tally.unchanged += 1
                continue
            }
            let event = DomainEvent(
                feed: feed, device: sessions[target].device, office: sessions[target].office,
                counter: observation.counter ?? sessions[target].counter, kind: observation.kind, observed: observed,
                stamped: observation.stamped, at: placement.at, flags: observation.flags.union(placement.flags),
                provenance: Provenance(
                    protocolName: name, peer: circumstances.peer.map { sessions[index].name(of: $0) },
                    rule: observation.provenance.text,
                    position: position &+ UInt64(out.count)))
            out.append(event)
            events &+= 1
            tally.events += 1
            if placement.flags.contains(.late) { tally.late += 1 }
            sessions[target].states.note(event)
        }
        guard let change = sessions[index].clock.takeChange() else { return }
        let kind = EventKind.deviceClock(
            class: change.state.rawValue, offsetMilliseconds: change.offset, driftMillisecondsPerDay: change.drift)
        emit(index, kind, at: circumstances.observed, position, &out)
        if let event = out.last { sessions[index].states.note(event) }
    }

    /// An event of our own making, about a device.
    mutating func emit(
        _ index: Int, _ kind: EventKind, at instant: Instant, counter: String? = nil, flags: EventFlags = [],
        _ position: UInt64, _ out: inout [DomainEvent]
    ) {
        out.append(
            DomainEvent(
                feed: feed, device: sessions[index].device, office: sessions[index].office, counter: counter,
                kind: kind, observed: instant, at: instant, flags: flags,
                provenance: Provenance(position: position &+ UInt64(out.count))))
        events &+= 1
    }

    /// Tells the last frame of a device, if that has not been told.
    mutating func tellEvidence(_ index: Int, at instant: Instant, _ position: UInt64, _ out: inout [DomainEvent]) {
        guard let until = sessions[index].evidence.flush() else { return }
        emit(index, .agentHeard(until: until), at: max(instant, until), position, &out)
    }

    /// Tells all that is due, each at its moment: evidence of life, and the end of states that nothing has renewed. How
    /// often `advance` is called changes nothing.
    mutating func tellDue(through instant: Instant, _ position: UInt64, _ out: inout [DomainEvent]) {
        while nextDue <= instant {
            let moment = nextDue
            for index in sessions.indices {
                if let due = sessions[index].evidence.due, due <= moment {
                    tellEvidence(index, at: due, position, &out)
                }
                for entry in sessions[index].takeDue(through: moment) {
                    emit(
                        index, entry.settled, at: entry.due, counter: entry.counter ?? sessions[index].counter,
                        flags: .inferred, position, &out)
                    if let event = out.last { sessions[index].states.note(event) }
                }
            }
            nextDue = firstDue
        }
    }

    private var firstDue: Instant {
        var first = Instant.distantFuture
        // By their places: a session is a hundred reference counts.
        for index in sessions.indices {
            if let due = sessions[index].evidence.due { first = min(first, due) }
            if let due = sessions[index].timed.due { first = min(first, due) }
        }
        return first
    }

    /// Midnight: the new office-day is told what is known, and how fresh that is.
    mutating func restate(at midnight: Instant, _ position: UInt64, _ out: inout [DomainEvent]) {
        for index in sessions.indices {
            guard let last = sessions[index].evidence.last, last <= midnight,
                sessions[index].evidence.isFresh(at: midnight)
            else { continue }
            let states = sessions[index].states.restatements(at: midnight)
            if states.isEmpty { continue }
            emit(index, .agentHeard(until: last), at: midnight, position, &out)
            for state in states {
                emit(index, state.kind, at: midnight, counter: state.counter, flags: .restated, position, &out)
            }
        }
    }

    /// What has been counted so far.
    public var counters: PipelineCounters {
        var rows: [PipelineCounters.Row] = []
        for index in sessions.indices {
            for name in ProtocolName.allCases {
                var tally = tallies[index, name]
                tally.add(looks.turnedAway(index, name))
                if tally.messages == 0 { continue }
                rows.append(PipelineCounters.Row(device: sessions[index].device, protocolName: name, tally: tally))
            }
        }
        rows.sort { ($0.device, $0.protocolName) < ($1.device, $1.protocolName) }
        return PipelineCounters(
            rows: rows, strangers: strangers, strangerFrames: strangerFrames, events: events,
            forgottenPairs: sessions.reduce(0) { $0 &+ $1.forgottenKeys })
    }
}
