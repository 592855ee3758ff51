import Domain

/// What a metric is called and what exactly it says (DOMAIN.md §5), for people.
struct MetricWords: Hashable, Sendable {
    var name: String
    var definition: String
}

extension Language {
    func metric(_ id: String) -> MetricWords {
        func words(_ vi: String, _ en: String, _ viText: String, _ enText: String) -> MetricWords {
            MetricWords(name: self(vi, en), definition: self(viText, enText))
        }
        switch id {
        case "visits":
            return words(
                "Lượt", "Visits", "Số vé trong ngày, theo ngày lấy số.", "Tickets of the day, by the day of issue.")
        case "legs":
            return words("Chặng", "Legs", "Mỗi lần chuyển bắt đầu một chặng mới.", "A transfer starts a new leg.")
        case "wait.first":
            return words(
                "Chờ tới lần gọi đầu", "Wait until first call", "Thời gian ở trạng thái chờ trước lần gọi đầu tiên.",
                "Time spent waiting before the first call.")
        case "wait.last":
            return words(
                "Chờ tới lần gọi cuối", "Wait until last call",
                "Thời gian chờ và được gọi tới lần gọi cuối của mỗi chặng (cách tính của Qmatic).",
                "Time waiting and being called until the last call of each leg (Qmatic's choice).")
        case "wait.total":
            return words("Tổng chờ", "Total wait", "Thời gian chờ của mọi chặng.", "Time waiting, all legs.")
        case "walk":
            return words(
                "Đi tới quầy", "Walk", "Từ lần gọi cuối trước đó tới khi bắt đầu phục vụ.",
                "From the last call before it to the first start.")
        case "service":
            return words("Phục vụ", "Service", "Thời gian đang được phục vụ.", "Time being served.")
        case "calling":
            return words("Đang gọi", "Calling", "Thời gian đã gọi mà chưa bắt đầu.", "Time called and not begun.")
        case "hold":
            return words(
                "Tạm giữ", "Hold", "Thời gian bị tạm giữ: không phải chờ, cũng không phải phục vụ.",
                "Time on hold: neither wait nor service.")
        case "sojourn":
            return words(
                "Toàn bộ lượt", "Sojourn", "Từ lấy số tới xong = chờ + gọi + phục vụ + tạm giữ.",
                "Issue to finish = wait + calling + service + hold.")
        case "asa":
            return words(
                "Chờ trung bình người được gọi", "Average speed of answer",
                "Trung bình thời gian chờ của lượt được gọi, kể cả bằng 0.",
                "Mean wait of called visits, zeros included.")
        case "abandonment":
            return words(
                "Bỏ về", "Abandonment", "(Bỏ về khi chưa gọi + còn chờ lúc đóng cửa) / số vé đã lấy.",
                "(Left uncalled + still waiting at close) / issued.")
        case "noShow":
            return words("Gọi không đến", "No show", "Gọi không đến / đã gọi.", "No shows / called.")
        case "occupancy":
            return words("Quầy bận", "Occupancy", "Thời gian có khách / thời gian mở.", "Time occupied / time open.")
        case "utilisation":
            return words(
                "Sử dụng giờ hành chính", "Utilisation", "Thời gian phục vụ / giờ theo lịch.",
                "Time serving / time scheduled.")
        case "attended":
            return words(
                "Có cán bộ tại quầy", "Attended", "Phần giờ theo lịch quan sát được mà camera thấy cán bộ.",
                "Of scheduled, visible counter time, the part with staff present.")
        case "attended.invisible":
            return words(
                "Không quan sát được", "Invisible", "Phần giờ theo lịch không biết có cán bộ hay không.",
                "Of scheduled counter time, the part with presence unknown.")
        case "coverage.camera":
            return words(
                "Camera phủ", "Camera coverage", "Phần giờ mở cửa có camera kết nối được, không bị che, có hình.",
                "Of opening hours, the part with a reachable, untampered camera with video.")
        case "meeting.overlap":
            return words(
                "Họp khi có người chờ", "Meeting while people waited",
                "Thời gian hệ thống họp của quầy đang gọi khi có người chờ.",
                "Time a mapped meeting system was in a call while somebody waited.")
        case "satisfaction":
            return words("Hài lòng", "Satisfaction", "Tổng điểm / tổng thang điểm.", "Sum of scores / sum of scales.")
        default:
            return dossiers(id) ?? snapshots(id) ?? longTail(id)
        }
    }

    private func snapshots(_ id: String) -> MetricWords? {
        func words(_ vi: String, _ en: String, _ viText: String, _ enText: String) -> MetricWords {
            MetricWords(name: self(vi, en), definition: self(viText, enText))
        }
        return switch id {
        case "queue.maxWaiting":
            words(
                "Đông nhất", "Most waiting", "Số người chờ nhiều nhất mà máy hàng đợi báo trong một lần chụp.",
                "The most people waiting that a queue told in one snapshot.")
        case "queue.calls.inferred":
            words(
                "Lượt gọi (suy ra)", "Calls (inferred)",
                "Suy ra từ thay đổi của số đang phục vụ giữa các lần chụp, kèm cận dưới và cận trên.",
                "Inferred from the change of the number now served between snapshots, with bounds.")
        case "queue.arrivals.inferred":
            words(
                "Lượt đến (suy ra)", "Arrivals (inferred)",
                "Thay đổi của số người chờ cộng số lượt gọi; người bỏ về cũng đã đến, nên không có cận trên.",
                "Change of the number waiting plus the calls; who left came too, so nothing bounds it from above.")
        case "queue.wait.inferred":
            words(
                "Chờ (suy ra)", "Wait (inferred)",
                "Luật Little trên thời gian quan sát: người-giờ chờ chia cho số lượt gọi, kèm cận.",
                "Little's law over the observed time: person-time of waiting divided by the calls, with bounds.")
        case "queue.observed":
            words(
                "Được quan sát", "Observed", "Phần giờ mở cửa giữa các lần chụp đủ gần nhau.",
                "Of opening hours, the part between snapshots close enough to each other.")
        default: nil
        }
    }

    private func dossiers(_ id: String) -> MetricWords? {
        switch id {
        case "onTime.received":
            MetricWords(
                name: self("Đúng hạn / đã nhận", "On time of received"),
                definition: self(
                    "Hồ sơ nhận trong kỳ đã trả trước hoặc đúng hạn / hồ sơ đã nhận.",
                    "Of the dossiers received in the period: returned on or before due / received."))
        case "onTime.finished":
            MetricWords(
                name: self("Đúng hạn / đã trả", "On time of returned"),
                definition: self(
                    "Hồ sơ nhận trong kỳ đã trả trước hoặc đúng hạn / hồ sơ đã trả.",
                    "Of the dossiers received in the period: returned on or before due / returned."))
        case "dossier.duration":
            MetricWords(
                name: self("Thời gian giải quyết hồ sơ", "Dossier duration"),
                definition: self(
                    "Từ nhận tới trả, của hồ sơ nhận trong kỳ.",
                    "From receipt to return, of dossiers received in the period."))
        default: nil
        }
    }

    private func longTail(_ id: String) -> MetricWords {
        if id.hasPrefix("wait."), let cause = WaitCause(rawValue: String(id.dropFirst(5))) {
            return MetricWords(
                name: self("Chờ: ", "Waiting: ") + self.cause(cause).lowercased(),
                definition: self("Phần thời gian chờ do lý do này.", "The part of all waiting with this cause."))
        }
        if id.hasPrefix("serviceLevel.") {
            let parts = id.split(separator: ".")
            let limit = ServiceLevel.parse(id)?.limit.map { duration($0) } ?? ""
            let name = self("Được gọi trong \(limit)", "Called within \(limit)")
            switch parts.count > 1 ? parts[1] : "" {
            case "negative":
                return MetricWords(
                    name: name,
                    definition: self(
                        "Gọi trong hạn / số vé đã lấy; bỏ về tính là không đạt.",
                        "Answered in time / issued; abandoning counts against."))
            case "ignored":
                return MetricWords(
                    name: name + self(", không tính bỏ về sớm", ", early leavers ignored"),
                    definition: self(
                        "Gọi trong hạn / (vé đã lấy − bỏ về trong hạn).",
                        "Answered in time / (issued − abandoned in time)."))
            default:
                return MetricWords(
                    name: name + self(", bỏ về sớm tính là đạt", ", early leavers count for"),
                    definition: self(
                        "(Gọi trong hạn + bỏ về trong hạn) / vé đã lấy.",
                        "(Answered in time + abandoned in time) / issued."))
            }
        }
        return MetricWords(name: id, definition: id)
    }
}
