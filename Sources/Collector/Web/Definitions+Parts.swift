import Domain

extension Language {
    /// What stands above and below the line of a metric, and where its definition comes from.
    struct Parts: Hashable, Sendable {
        var numerator: String
        var denominator: String
        var source: String
    }

    func parts(of id: String) -> Parts {
        func parts(_ numerator: (String, String), _ denominator: (String, String), _ source: String) -> Parts {
            Parts(
                numerator: self(numerator.0, numerator.1), denominator: self(denominator.0, denominator.1),
                source: source)
        }
        let counted = ("số lượt được tính", "visits counted")
        let issued = ("số vé đã lấy", "tickets issued")
        let scheduled = ("giờ theo lịch của các quầy", "scheduled counter time")
        if let (kind, limit) = ServiceLevel.parse(id) {
            let text = limit.map { ServiceLevel.text($0) } ?? "X"
            let answered = ("số lượt được gọi trong \(text)", "visits called within \(text)")
            switch kind {
            case .negative: return parts(answered, issued, "DOMAIN.md §5, serviceLevel(X), negative")
            case .ignored:
                return parts(
                    answered,
                    ("số vé đã lấy, trừ người bỏ về trong \(text)", "tickets issued, less who left within \(text)"),
                    "DOMAIN.md §5, serviceLevel(X), ignored")
            case .positive:
                return parts(
                    (answered.0 + " và số người bỏ về trong \(text)", answered.1 + ", and who left within \(text)"),
                    issued,
                    "DOMAIN.md §5, serviceLevel(X), positive")
            }
        }
        switch id {
        case "abandonment":
            return parts(
                ("bỏ về khi chưa được gọi, và còn chờ lúc đóng cửa", "left uncalled, and still waiting at close"),
                issued,
                "DOMAIN.md §5")
        case "noShow": return parts(("gọi không đến", "no shows"), ("số lượt đã gọi", "visits called"), "DOMAIN.md §5")
        case "occupancy":
            return parts(
                ("thời gian quầy có khách", "time occupied"), ("thời gian quầy mở", "time open"), "DOMAIN.md §5")
        case "utilisation":
            return parts(("thời gian phục vụ trong giờ", "time serving within hours"), scheduled, "DOMAIN.md §5")
        case "attended":
            return parts(
                ("thời gian thấy cán bộ", "time with staff seen"),
                ("giờ theo lịch quan sát được", "scheduled, visible counter time"), "DOMAIN.md §5, §6")
        case "attended.invisible":
            return parts(("giờ không rõ có cán bộ hay không", "time with presence unknown"), scheduled, "DOMAIN.md §5")
        case "coverage.camera":
            return parts(
                (
                    "giờ có camera hoạt động, không bị che, có hình",
                    "time with a reachable, untampered camera with video"
                ),
                scheduled, "DOMAIN.md §5 (law: the whole area)")
        case "meeting.overlap":
            return parts(
                ("thời gian họp khi có người chờ", "time in a call while somebody waited"),
                ("thời gian có người chờ", "time with somebody waiting"), "DOMAIN.md §5")
        case "satisfaction":
            return parts(("tổng điểm", "sum of scores"), ("tổng thang điểm", "sum of scales"), "DOMAIN.md §5, §8")
        case "onTime.received":
            return parts(
                ("trả trước hoặc đúng hạn", "returned on or before due"), ("hồ sơ đã nhận", "dossiers received"),
                "DOMAIN.md §5 (law: QĐ 766/QĐ-TTg 2022, unverified)")
        case "onTime.finished":
            return parts(
                ("trả trước hoặc đúng hạn", "returned on or before due"), ("hồ sơ đã trả", "dossiers returned"),
                "DOMAIN.md §5")
        case "dossier.duration":
            return parts(
                ("tổng thời gian từ nhận tới trả", "sum of times from receipt to return"),
                ("hồ sơ đã trả", "dossiers returned"), "Dossiers, the module's DocC page")
        case "visits": return parts(counted, ("", ""), "DOMAIN.md §1, §5")
        default:
            if id.hasPrefix("wait."), WaitCause(rawValue: String(id.dropFirst(5))) != nil {
                return parts(
                    ("thời gian chờ do lý do này", "waiting charged to this cause"),
                    ("toàn bộ thời gian chờ", "all waiting"), "DOMAIN.md §6")
            }
            return parts(
                ("tổng thời gian của các lượt được tính", "sum over the visits counted"), counted, "DOMAIN.md §5")
        }
    }
}
