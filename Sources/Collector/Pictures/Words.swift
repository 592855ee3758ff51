import Domain

/// The words of the picture, one per thing, the same on page, picture and terminal.
extension Language {
    func cause(_ cause: WaitCause) -> String {
        switch cause {
        case .capacity: self("Đợi đúng lượt", "True queue")
        case .idle: self("Quầy rảnh, có người", "Counter idle, staffed")
        case .unattended: self("Quầy trống", "Counter unattended")
        case .meeting: self("Đang họp trực tuyến", "In a video meeting")
        case .unseen: self("Không quan sát được", "Not observable")
        case .closed: self("Quầy không mở", "Counter not open")
        }
    }

    func counterState(_ state: Timeline.CounterState) -> String {
        switch state {
        case .serving: self("đang phục vụ", "serving")
        case .called: self("đã gọi, chưa bắt đầu", "called, not begun")
        case .open: self("mở, chưa có khách", "open, nobody at it")
        case .paused: self("tạm dừng", "paused")
        case .closed: self("đóng", "closed")
        }
    }

    /// What was heard by profiles whose device nobody has seen.
    func unverified(_ profiles: UnverifiedProfiles) -> String {
        let count = self.count(profiles.deviceCount)
        return self(
            "\(count) thiết bị được đọc theo mô tả chưa kiểm chứng: ",
            "\(count) \(profiles.deviceCount == 1 ? "device" : "devices") heard by unverified profiles: ")
            + profiles.ids.joined(separator: ", ")
    }

    func cameraState(_ state: Timeline.CameraState) -> String {
        switch state {
        case .present: self("camera thấy cán bộ", "camera sees staff")
        case .empty: self("camera thấy trống", "camera sees nobody")
        case .dark: self("camera mất hình", "camera dark")
        case .unknown: self("camera không rõ", "camera unknown")
        }
    }

    /// `Quầy 1` for the usual id `q1`, else the id as the site file has it.
    func counter(_ id: String) -> String {
        let number = id.dropFirst()
        if id.hasPrefix("q"), (1...4).contains(number.utf8.count), number.utf8.allSatisfy({ (48...57).contains($0) }) {
            return self("Quầy ", "Counter ") + number
        }
        return self("Quầy ", "Counter ") + id
    }

    func outcome(_ outcome: Outcome) -> String {
        switch outcome {
        case .served: self("đã phục vụ", "served")
        case .noShow: self("gọi không đến", "no show")
        case .left: self("bỏ về", "left")
        case .open: self("còn mở", "open")
        }
    }

    func flag(_ flag: VisitFlag) -> String {
        switch flag {
        case .inferredFinish: self("suy ra lúc xong", "inferred finish")
        case .inferredStart: self("suy ra lúc bắt đầu", "inferred start")
        case .maxService: self("phục vụ quá lâu", "service too long")
        case .missingCall: self("thiếu lúc gọi", "call not heard")
        case .missingIssue: self("thiếu lúc lấy số", "issue not heard")
        case .overlap: self("hai số cùng quầy", "two tickets at one counter")
        case .reissued: self("số được cấp lại", "number issued again")
        case .revived: self("gọi lại sau vắng", "called again after no show")
        case .suspect: self("nghi ngờ", "suspect")
        case .unexpected: self("sự kiện trái thứ tự", "unexpected event")
        }
    }

    /// A reason for leaving something out, as the domain names it; unknown ones verbatim.
    func reason(_ reason: String) -> String {
        if let flag = VisitFlag(rawValue: reason) { return self.flag(flag) }
        switch reason {
        case "noShow": return outcome(.noShow)
        case "left": return outcome(.left)
        case "open": return outcome(.open)
        case "leftUncalled": return self("bỏ về trước khi gọi", "left before a call")
        case "neverCalled": return self("chưa hề được gọi", "never called")
        case "notStarted": return self("chưa bắt đầu", "not begun")
        case "finishUnknown": return self("không rõ lúc xong", "finish unknown")
        case "heldBeforeStart": return self("tạm giữ trước khi bắt đầu", "held before the start")
        case "abandonedInTime": return self("bỏ về sớm", "left early")
        case "missingReceipt": return self("thiếu lúc nhận hồ sơ", "receipt not heard")
        case "noDue": return self("không có hạn", "no due time")
        case "returnedBeforeReceipt": return self("trả trước khi nhận", "returned before its receipt")
        case "dueMoved": return self("hạn bị dời", "due time moved")
        case "badRating": return self("đánh giá không hợp lệ", "bad rating")
        case "otherDay": return self("của ngày khác", "of another day")
        case "repeat": return self("lặp lại", "repeats")
        case "tooManyCalls", "tooManyTickets", "tooManyAnnotations": return self("vượt giới hạn", "over a limit")
        case "unknownCounter": return self("quầy lạ", "unknown counter")
        case "unknownTicket": return self("số lạ", "unknown ticket")
        default: return reason
        }
    }
}
