/// On/off states of which a device has several of a kind, one for each detector or disk: what tells them apart is the
/// rule's `key`. The device is not well while any part of it is not: there is motion while any detector sees some, a
/// storage fault while any disk has one, no video while any channel has none. Only the first and the last are changes.
///
/// A message without the key is about all of the device: its end ends every part. Its beginning lasts until such an end,
/// or, where its rule has a key and the message only lacked it, until the end of a part that had not begun: whose else
/// would that be?
struct PartStates: Hashable, Sendable {
    /// Parts that are not well at a time, of each kind of state; beyond it the oldest is forgotten.
    static let limit = 64

    private struct State: Hashable, Sendable {
        var name: String
        /// Those that are not well, from oldest to newest.
        var parts: [String] = []
        /// The part without a name began in a message that lacked one.
        var isUnnamed = false
        /// `nil`: nothing has been told yet.
        var isRaised: Bool?
    }

    /// In the order in which they were first told; there are only as many as kinds of states.
    private var states: [State] = []
    private(set) var forgotten: UInt64 = 0

    /// A part told its state; without a part, the device told that of all of it.
    ///
    /// - Parameter isUnnamed: there is no part only because the message lacks it.
    /// - Returns: Whether that changes the device's state (of a state that is told again: whether that is the device's
    ///   state), and the part that was forgotten, or ended beside that one (empty: that without a name).
    mutating func note(
        _ kind: EventKind, part: String?, isUnnamed: Bool = false, isRestated: Bool
    ) -> (isChange: Bool, dropped: String?) {
        guard kind.isOnOff, let isRaised = kind.isRaised else { return (true, nil) }
        let index = place(of: kind.name)
        let before = states[index].isRaised
        var dropped: String?
        if isRaised {
            if part == nil {
                // What is once said of all of it is no more a part's that was not named.
                let isKnown = states[index].parts.contains("")
                states[index].isUnnamed = isUnnamed && (!isKnown || states[index].isUnnamed)
            }
            if !states[index].parts.contains(part ?? "") {
                states[index].parts.append(part ?? "")
                if states[index].parts.count > Self.limit {
                    dropped = states[index].parts.removeFirst()
                    forgotten &+= 1
                }
            }
        } else if let part {
            if states[index].isUnnamed, !isRestated, !states[index].parts.contains(part),
                let unnamed = states[index].parts.firstIndex(of: "")
            {
                dropped = states[index].parts.remove(at: unnamed)
            }
            states[index].parts.removeAll { $0 == part }
        } else {
            states[index].parts = []
        }
        let after = !states[index].parts.isEmpty
        states[index].isRaised = after
        // All of it is news each time, as it is told.
        if part == nil { return (true, dropped) }
        return (after == isRaised && (isRestated || before != after), dropped)
    }

    /// A state of that part ended by itself. `false`: others last, or it had ended.
    mutating func end(_ settled: EventKind, part: String) -> Bool {
        guard settled.isOnOff else { return true }
        let index = place(of: settled.name)
        guard let known = states[index].parts.firstIndex(of: part) else { return false }
        states[index].parts.remove(at: known)
        states[index].isRaised = !states[index].parts.isEmpty
        return states[index].parts.isEmpty
    }

    private mutating func place(of name: String) -> Int {
        if let index = states.firstIndex(where: { $0.name == name }) { return index }
        states.append(State(name: name))
        return states.count - 1
    }
}

extension EventKind {
    /// The names of kinds that `key` is for.
    static let onOff = [
        "camera.motion", "camera.recording", "camera.storageFault", "camera.tamper", "camera.video", "device.reachable",
    ]

    var isOnOff: Bool {
        switch self {
        case .cameraMotion, .cameraRecording, .cameraStorageFault, .cameraTamper, .cameraVideo, .deviceReachable: true
        default: false
        }
    }
}
