/// Every kind of fact with its payload (DOMAIN.md §2). The counter an event happened at is the event's, not the payload's.
public enum EventKind: Hashable, Sendable {
    case ticketIssued(number: String, service: String?, channel: String?, priority: Int64?)
    case ticketCalled(number: String)
    case ticketRecalled(number: String)
    case ticketServing(number: String)
    case ticketHeld(number: String)
    case ticketResumed(number: String)
    case ticketTransferred(number: String, toService: String?, toCounter: String?)
    case ticketServed(number: String, quantity: Int64?, outcome: String?)
    case ticketNoShow(number: String)
    case ticketLeft(number: String)
    case counterOpened
    case counterPaused(reason: String?)
    case counterClosed
    case queueSnapshot(service: String?, waiting: Int64, nowServing: String?, openCounters: Int64?)
    case feedbackRated(score: Int64, scale: Int64)
    case dossierReceived(code: String, service: String?, due: Instant?, channel: String?)
    case dossierSupplemented(code: String)
    case dossierReturned(code: String, finished: Instant?)
    case deviceReachable(on: Bool)
    case deviceRebooted
    /// `class` as in DOMAIN.md §4; the offset is observed − stamped.
    case deviceClock(class: String, offsetMilliseconds: Int64?, driftMillisecondsPerDay: Int64?)
    case deviceAccessDenied
    case cameraVideo(on: Bool)
    case cameraTamper(on: Bool)
    case cameraPresence(zone: String, count: Int64)
    case cameraMotion(on: Bool)
    case cameraStorageFault(on: Bool)
    case cameraRecording(on: Bool)
    case meetingStarted(id: String)
    case meetingEnded(id: String, cause: String?)
    case meetingParticipants(count: Int64)
    case meetingQuality(jitterMilliseconds: Double?, lossPercent: Double?, mos: Double?)
    case agentStarted
    case agentStopped
    case agentClockStep(milliseconds: Int64)
    case agentGap(from: Instant, until: Instant, reason: String)
    /// Evidence of life: the device spoke at `until`, whatever it said.
    case agentHeard(until: Instant)
    /// A site revision came into force; the revision itself travels as a record of its own.
    case agentSite(digest: String)
    /// A person's word about a stretch of the office-day; it excuses numbers and never changes one. `at` is `from`.
    case annotationMade(id: String, until: Instant, text: String, by: String?)
    /// Takes an annotation back; both stay in the log. `at` is that of the annotation.
    case annotationRetracted(id: String, by: String?)
}
