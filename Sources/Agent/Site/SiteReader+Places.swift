internal import Domain
internal import Yams

/// Where an office stands: the places above it, what it was merged into, and the rooms inside it.
extension SiteReader {
    /// `{ office: minh-xuan, on: 2025-07-01 }`.
    mutating func merger(_ node: Node, of id: String?, from: LocalDay?, to: LocalDay?) -> Office.Merger? {
        let fields = YAMLFields(node, "a merger", known: ["office", "on"], &problems)
        guard case .mapping = node else { return nil }
        let into = fields.needed("office", of: "a merger", &problems)
        let day = fields["on"] == nil ? nil : day("on", fields)
        if fields["on"] == nil { problems.note(node, "a merger needs 'on'") }
        guard let into, let day else { return nil }
        guard into.isSiteIdentifier else {
            problems.note(fields["office"], "'\(Words.shown(into))' is no id of an office")
            return nil
        }
        if into == id {
            problems.note(fields["office"], "an office cannot be merged into itself")
            return nil
        }
        if let from, day <= from {
            problems.note(fields["on"], "the merger on \(day) is not after validFrom \(from)")
        }
        if let to, to + 1 != day {
            problems.note(fields["on"], "validTo \(to) is not the day before the merger on \(day); leave validTo out")
        }
        return Office.Merger(into: into, on: day)
    }

    /// Places above the office. Where any is described, all that `under` names must be: a wrong letter would put the
    /// office outside of its province without a word.
    mutating func places(_ top: YAMLFields, office: Office?, _ first: inout FirstLines) -> [Place] {
        var places: [Place] = []
        var under: [(place: String, above: String, node: Node?)] = []
        for node in top.strictList("places", &problems).prefix(Self.listLimit) {
            let fields = YAMLFields(node, "a place", known: ["id", "name", "under"], &problems)
            guard case .mapping = node, let id = identifier(fields, "a place", &first) else { continue }
            if id == office?.id { problems.note(fields["id"], "'\(id)' is the office") }
            let name = fields.name("name", &problems) ?? LocalizedName(vi: id, en: id)
            let above = fields.text("under", &problems)
            if let above { under.append((id, above, fields["under"])) }
            places.append(Place(id: id, name: name, under: above))
        }
        guard !places.isEmpty else { return [] }
        let known = places.map(\.id)
        if let above = office?.under, above.isSiteIdentifier, above != office?.id, !known.contains(above) {
            let node = top["office"].flatMap { node -> Node? in
                if case .mapping(let mapping) = node { return mapping["under"] } else { return nil }
            }
            problems.note(node, Words.unknown("place", above, known: known))
        }
        var told: Set<String> = []
        for (place, above, node) in under {
            if !known.contains(above) {
                problems.note(node, Words.unknown("place", above, known: known))
            } else if !told.contains(place), let circle = Self.circle(from: place, places) {
                // One circle is one fault.
                told.formUnion(circle)
                problems.note(node, "'\(place)' is under itself: \(circle.joined(separator: " › "))")
            }
        }
        return places
    }

    /// The way up from a place back to itself; `nil` if there is none.
    private static func circle(from place: String, _ places: [Place]) -> [String]? {
        var way = [place]
        var current = place
        while let above = places.first(where: { $0.id == current })?.under, way.count <= places.count {
            way.append(above)
            if above == place { return way }
            current = above
        }
        return nil
    }

    mutating func room(_ node: Node, devices: [Device], _ first: inout FirstLines) -> Room? {
        let fields = YAMLFields(node, "a room", known: ["id", "name", "meetings", "cameras"], &problems)
        guard case .mapping = node, let id = identifier(fields, "a room", &first) else { return nil }
        let ids = devices.map(\.id)
        let room = Room(
            id: id, name: fields.name("name", &problems) ?? LocalizedName(vi: id, en: id),
            meetings: references("meetings", fields, to: "device", known: ids),
            cameras: references("cameras", fields, to: "device", known: ids))
        checkKind(room.cameras, fields, "cameras", "camera", [.camera, .recorder], devices)
        checkKind(room.meetings, fields, "meetings", "meeting system", [.meeting], devices)
        return room
    }
}
