extension EventKind {
    /// The kinds without their payloads, and what they are called.
    enum Name: String, Sendable {
        case ticketIssued = "ticket.issued"
        case ticketCalled = "ticket.called"
        case ticketRecalled = "ticket.recalled"
        case ticketServing = "ticket.serving"
        case ticketHeld = "ticket.held"
        case ticketResumed = "ticket.resumed"
        case ticketTransferred = "ticket.transferred"
        case ticketServed = "ticket.served"
        case ticketNoShow = "ticket.noShow"
        case ticketLeft = "ticket.left"
        case counterOpened = "counter.opened"
        case counterPaused = "counter.paused"
        case counterClosed = "counter.closed"
        case queueSnapshot = "queue.snapshot"
        case feedbackRated = "feedback.rated"
        case dossierReceived = "dossier.received"
        case dossierSupplemented = "dossier.supplemented"
        case dossierReturned = "dossier.returned"
        case deviceReachable = "device.reachable"
        case deviceRebooted = "device.rebooted"
        case deviceClock = "device.clock"
        case deviceAccessDenied = "device.accessDenied"
        case cameraVideo = "camera.video"
        case cameraTamper = "camera.tamper"
        case cameraPresence = "camera.presence"
        case cameraMotion = "camera.motion"
        case cameraStorageFault = "camera.storageFault"
        case cameraRecording = "camera.recording"
        case meetingStarted = "meeting.started"
        case meetingEnded = "meeting.ended"
        case meetingParticipants = "meeting.participants"
        case meetingQuality = "meeting.quality"
        case agentStarted = "agent.started"
        case agentStopped = "agent.stopped"
        case agentClockStep = "agent.clockStep"
        case agentGap = "agent.gap"
        case agentHeard = "agent.heard"
        case agentSite = "agent.site"
        case annotationMade = "annotation.made"
        case annotationRetracted = "annotation.retracted"
    }

    var named: Name {
        switch self {
        case .ticketIssued: .ticketIssued
        case .ticketCalled: .ticketCalled
        case .ticketRecalled: .ticketRecalled
        case .ticketServing: .ticketServing
        case .ticketHeld: .ticketHeld
        case .ticketResumed: .ticketResumed
        case .ticketTransferred: .ticketTransferred
        case .ticketServed: .ticketServed
        case .ticketNoShow: .ticketNoShow
        case .ticketLeft: .ticketLeft
        case .counterOpened: .counterOpened
        case .counterPaused: .counterPaused
        case .counterClosed: .counterClosed
        case .queueSnapshot: .queueSnapshot
        case .feedbackRated: .feedbackRated
        case .dossierReceived: .dossierReceived
        case .dossierSupplemented: .dossierSupplemented
        case .dossierReturned: .dossierReturned
        case .deviceReachable: .deviceReachable
        case .deviceRebooted: .deviceRebooted
        case .deviceClock: .deviceClock
        case .deviceAccessDenied: .deviceAccessDenied
        case .cameraVideo: .cameraVideo
        case .cameraTamper: .cameraTamper
        case .cameraPresence: .cameraPresence
        case .cameraMotion: .cameraMotion
        case .cameraStorageFault: .cameraStorageFault
        case .cameraRecording: .cameraRecording
        case .meetingStarted: .meetingStarted
        case .meetingEnded: .meetingEnded
        case .meetingParticipants: .meetingParticipants
        case .meetingQuality: .meetingQuality
        case .agentStarted: .agentStarted
        case .agentStopped: .agentStopped
        case .agentClockStep: .agentClockStep
        case .agentGap: .agentGap
        case .agentHeard: .agentHeard
        case .agentSite: .agentSite
        case .annotationMade: .annotationMade
        case .annotationRetracted: .annotationRetracted
        }
    }
}
