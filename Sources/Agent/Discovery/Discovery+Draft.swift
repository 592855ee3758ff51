internal import Domain
internal import Wire

extension Discovery {
    /// A site file that `check` takes: the devices that a profile reads, each with what it was heard to say; behind them, as
    /// comments, the hosts that no profile reads and what they say.
    public func draft(office: String) -> String {
        var out = """
            # Drafted by deskwatch-agent discover from what was heard. Names, hours, services and counters are to be filled in; then:
            # deskwatch-agent check site.yaml
            office: { id: \(office), name: { vi: "Một cửa", en: "One-stop office" }, timezone: Asia/Ho_Chi_Minh }
            hours: { mon-fri: ["07:30-11:30", "13:00-17:00"] }
            services: []     # - { id: ho-tich, name: { vi: "Hộ tịch", en: "Civil status" }, waitTarget: 15m, maxService: 60m }
            counters: []     # - { id: q1, services: [ho-tich], cameras: [camera-1], meetings: [meeting-1] }

            """
        var devices: [String] = []
        var strangers: [String] = []
        var numbers: [String: Int] = [:]
        for key in hosts.keys.sorted() {
            guard let host = hosts[key] else { continue }
            if let profile = suggestion(for: host) {
                let kind = profile.kind.rawValue
                numbers[kind, default: 0] += 1
                var lines = comments(of: host, profile)
                lines.append(
                    "  - { id: \(kind)-\(numbers[kind] ?? 1), profile: \(profile.id), address: \(Self.address(key)) }")
                devices.append(lines.joined(separator: "\n"))
            } else if !host.names.isEmpty || !host.messages.isEmpty {
                var lines = comments(of: host, nil)
                lines.append("  # - { id: …, profile: …, address: \(Self.address(key)) }")
                strangers.append(lines.joined(separator: "\n"))
            }
        }
        out += devices.isEmpty ? "devices: []\n" : "devices:\n" + devices.joined(separator: "\n") + "\n"
        if !strangers.isEmpty {
            out += "\n  # Heard, but no profile reads what they say:\n" + strangers.joined(separator: "\n") + "\n"
        }
        let unknown = unclaimed.rows.prefix(24)
        if !unknown.isEmpty {
            out += "\n# Not understood: transport, host, port, frames, bytes, peers, how it begins\n"
            out += unknown.map { "#   " + $0.tsv.replacing("\t", with: "  ") + "\n" }.joined()
        }
        if overflow > 0 {
            out += "# More than \(Self.hostLimit) hosts; \(overflow) frames of others were passed over.\n"
        }
        return out
    }

    /// The profile that most of what it says gives events by; among equals the verified one, then the more special one.
    private func suggestion(for host: Host) -> DeviceProfile? {
        var best: (profile: DeviceProfile, reading: Reading)?
        for (profile, _) in profiles {
            guard let reading = host.readings[profile.id], reading.matched + reading.ignored > 0 else { continue }
            // What only ignores is a match if the device said nothing else; but whoever answers HTTP says what many
            // profiles ignore.
            if reading.matched == 0, reading.others > 0 || Protocols.carrier(of: profile.protocolName) == .http {
                continue
            }
            if let known = best, !isBetter(profile, reading, than: known) { continue }
            best = (profile, reading)
        }
        if let best { return best.profile }
        // What it is can be known before it says anything of interest.
        let wanted: [(Hint, String)] = [
            (.camera, "onvif/generic"), (.meeting, "sip/generic"), (.printer, "escpos/ticket-printer"),
        ]
        for (hint, id) in wanted where host.hints.contains(hint) {
            if let entry = profiles.first(where: { $0.profile.id == id }) { return entry.profile }
        }
        return nil
    }

    private func isBetter(
        _ profile: DeviceProfile, _ reading: Reading, than known: (profile: DeviceProfile, reading: Reading)
    ) -> Bool {
        // Profiles of makes share the standard's messages: reading as much as the standard's own is no sign of the make.
        func isStandard(_ profile: DeviceProfile) -> Bool { profile.id.hasPrefix(profile.protocolName.rawValue + "/") }
        func isGeneric(_ profile: DeviceProfile) -> Bool {
            profile.id.hasPrefix("generic/") || profile.id.hasSuffix("/generic")
        }
        func rank(_ profile: DeviceProfile, _ reading: Reading) -> (Int, Int, Int, Int, Int) {
            (
                reading.matched, isStandard(profile) ? 1 : 0, -reading.others,
                profile.confidence == .verified ? 1 : 0, isGeneric(profile) ? 0 : 1
            )
        }
        return rank(profile, reading) > rank(known.profile, known.reading)
    }

    private func comments(of host: Host, _ profile: DeviceProfile?) -> [String] {
        var facts: [String] = []
        if let mac = host.mac, host.address != nil { facts.append("\(mac)") }
        let said = host.messages.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.value) \($0.key.rawValue)" }
        if !said.isEmpty { facts.append("said " + said.joined(separator: ", ")) }
        var lines = facts.isEmpty ? [] : ["  # " + facts.joined(separator: "; ")]
        for name in host.names { lines.append("  # " + name) }
        guard let profile else { return lines }
        if let reading = host.readings[profile.id] {
            var others = reading.others > 0 ? ", \(reading.others) unmapped" : ""
            if reading.elements > 0 { others += ", \(reading.elements) elements of lists unmapped" }
            lines.append(
                "  # \(profile.id) (\(profile.confidence.rawValue)) reads it: \(reading.matched) matched, "
                    + "\(reading.ignored) mean nothing\(others)")
            let also = host.readings.filter { $0.key != profile.id && $0.value.matched > 0 }
                .sorted { ($1.value.matched, $0.key) < ($0.value.matched, $1.key) }.prefix(4)
            if !also.isEmpty {
                lines.append("  # so do " + also.map { "\($0.key) (\($0.value.matched))" }.joined(separator: ", "))
            }
        } else {
            let hints = host.hints.map(\.rawValue).sorted().joined(separator: ", ")
            lines.append("  # \(profile.id) is a guess: it says that it is a \(hints)")
        }
        return lines
    }

    private static func address(_ key: Key) -> String {
        switch key {
        case .address(let address): address.isIPv4 ? address.description : "\"\(address)\""
        case .mac(let mac): "\"\(mac)\""
        }
    }
}

extension String {
    /// Every `text` replaced, without Foundation.
    fileprivate func replacing(_ text: Character, with other: String) -> String {
        reduce(into: "") { $0 += $1 == text ? other : String($1) }
    }
}
