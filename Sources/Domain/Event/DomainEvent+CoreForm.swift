extension DomainEvent {
    /// Whether the event belongs to the core form: what the truth knows. agent.*, annotations and restated events do not.
    public var isCore: Bool {
        !kind.isAnnotation && !flags.contains(.restated) && !kind.name.hasPrefix("agent.")
            && !kind.name.hasPrefix("device.clock")
    }

    /// One JSON object, without a line end, in the form of DOMAIN.md §A: `at, device, office, counter, kind`, then the
    /// payload's keys in alphabetical order, absent ones left out, no spaces.
    public func coreForm(clock: OfficeClock) -> String {
        var out = "{\"at\":\"" + clock.text(at) + "\",\"device\":" + jsonString(device) + ",\"office\":"
        out += jsonString(office)
        if let counter { out += ",\"counter\":" + jsonString(counter) }
        out += ",\"kind\":\"" + kind.name + "\""
        for (key, value) in kind.payload {
            out += ",\"" + key + "\":" + value.json(clock: clock)
        }
        return out + "}"
    }
}

extension EventKind {
    /// A person's word, not a device's.
    public var isAnnotation: Bool {
        switch self {
        case .annotationMade, .annotationRetracted: true
        default: false
        }
    }

    /// Not of an office-day's fold, though of its log.
    var isAside: Bool { isDossier || isAnnotation }

    /// Of the life of a dossier, which is longer than a day.
    public var isDossier: Bool {
        switch self {
        case .dossierReceived, .dossierSupplemented, .dossierReturned: true
        default: false
        }
    }

    /// device.*: of the one that is spoken of, and of nothing at it.
    public var isOfDeviceItself: Bool {
        switch self {
        case .deviceReachable, .deviceRebooted, .deviceAccessDenied, .deviceClock: true
        default: false
        }
    }

    /// agent.*: said by the agent of itself.
    var isOfAgent: Bool {
        switch self {
        case .agentStarted, .agentStopped, .agentClockStep, .agentGap, .agentHeard, .agentSite: true
        default: false
        }
    }
}

extension EventKind.PayloadValue {
    public func json(clock: OfficeClock) -> String {
        switch self {
        case .text(let text): jsonString(text)
        case .integer(let value): String(value)
        case .decimal(let value): value.isFinite ? String(value) : "null"
        case .boolean(let value): value ? "true" : "false"
        case .instant(let instant): "\"" + clock.text(instant) + "\""
        }
    }
}

/// A JSON string literal (RFC 8259 §7): only what must be escaped is.
public func jsonString(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": out += "\\\""
        case "\\": out += "\\\\"
        case "\n": out += "\\n"
        case "\r": out += "\\r"
        case "\t": out += "\\t"
        default:
            if scalar.value < 0x20 {
                let hex = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - hex.utf8.count) + hex
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
    }
    return out + "\""
}
