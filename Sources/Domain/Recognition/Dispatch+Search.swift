import Wire

/// What all of the rules that are left need: words, one of which must stand in one of a few places.
extension Dispatch {
    /// A question whose no leaves none of the rules; `nil`: one of them may want anything.
    ///
    /// - Parameters:
    ///   - needs: of each rule its rows.
    ///   - asked: fields that have told already.
    static func search(_ needs: [[[Need]]], asked: [FieldName], _ questions: inout FieldQuestions) -> Int? {
        let rows = needs.map { rows in
            rows.filter { row in !row.contains { need in asked.contains { need.place == .field($0) } } }
        }
        // That a field is there which all of them ask for tells little: it mostly is.
        let telling = rows.map { own in
            own.filter { row in
                !row.allSatisfy(\.isPresence) || rows.count == 1 || !rows.allSatisfy { $0.contains(row) }
            }
        }
        if telling.contains(where: \.isEmpty) { return nil }
        if let needed = inOnePlace(telling) { return either(needed, [], &questions) }
        var needed: [Need] = []
        var fields: [[[Need]]] = []
        for (rows, telling) in zip(rows, telling) {
            let best = best(telling)
            let own = rows.filter { $0.allSatisfy(\.isOfField) }
            if own.count > 1, best.allSatisfy(\.isOfField), fields.count < fieldsLimit {
                fields.append(own)
            } else {
                needed += best
            }
        }
        return either(needed, fields, &questions)
    }

    /// Rules of which each is asked for all of the fields that it needs, where one alone would let others through.
    private static let fieldsLimit = 4

    private static func either(_ needed: [Need], _ fields: [[[Need]]], _ questions: inout FieldQuestions) -> Int {
        var all: [Int] = []
        for rows in fields {
            var each: [Int] = []
            for row in rows { each.append(either(row, [], &questions)) }
            all.append(questions.add(all: each))
        }
        for need in merged(needed) { all.append(add(need, &questions)) }
        return questions.add(either: all)
    }

    private static func best(_ rows: [[Need]]) -> [Need] {
        rows.max { Needs.worth($0) < Needs.worth($1) } ?? []
    }

    /// One look is cheaper than several: a place where each rule needs something, if there is one.
    private static func inOnePlace(_ needs: [[[Need]]]) -> [Need]? {
        var places: [Need.Place] = []
        for row in needs.first ?? [] {
            if let place = row.first?.place, !places.contains(place) { places.append(place) }
        }
        var found: (worth: Int, needed: [Need])?
        for place in places {
            let there = needs.map { rows in best(rows.filter { $0.allSatisfy { $0.place == place } }) }
            if there.contains(where: \.isEmpty) { continue }
            let needed = there.flatMap { $0 }
            let worth = Needs.worth(needed)
            if worth > found?.worth ?? 0 { found = (worth, needed) }
        }
        return found?.needed
    }

    /// What is asked of one place in one way, at once.
    private static func merged(_ needed: [Need]) -> [Need] {
        var out: [Need] = []
        for need in needed {
            guard let index = out.firstIndex(where: { $0.joined(need) != nil }), let both = out[index].joined(need)
            else {
                out.append(need)
                continue
            }
            out[index] = both
        }
        return out
    }

    private static func add(_ need: Need, _ questions: inout FieldQuestions) -> Int {
        switch need {
        case .texts(let name, let texts): questions.add(name, texts: texts)
        case .words(let name, let words): questions.add(name, parts: words)
        case .presence(let name): questions.add(name, .presence)
        case .inBody(let body, let words): questions.add(inBody: words, escape: body.escape)
        }
    }
}

extension Need {
    /// Cheap to ask, and of one field.
    fileprivate var isOfField: Bool {
        switch self {
        case .texts, .presence: true
        case .words, .inBody: false
        }
    }

    fileprivate var isPresence: Bool { if case .presence = self { true } else { false } }

    /// What holds where either does; `nil`: they are of two kinds.
    fileprivate func joined(_ other: Need) -> Need? {
        guard place == other.place else { return nil }
        return switch (self, other) {
        case (.texts(let name, let own), .texts(_, let more)): .texts(name, own + more)
        case (.words(let name, let own), .words(_, let more)): .words(name, own + more.filter { !own.contains($0) })
        case (.inBody(let body, let own), .inBody(_, let more)):
            .inBody(body, own + more.filter { !own.contains($0) })
        case (.presence, .presence): self
        default: nil
        }
    }
}
