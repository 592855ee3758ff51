import Agent
import Domain
import Foundation
import Testing
import Wire

@testable import Simulation

/// What a simulated device of any folder says, heard through the folder's own profile.
@Suite struct DeviceSpeechTests {
    static let devices = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("devices").path

    static let folders: [String] = (try? ProfileLibrary.folders(below: devices)) ?? []

    @Test func `there are folders`() {
        #expect(Self.folders.count >= 37)
    }

    @Test(arguments: folders)
    func `every event that a folder's device tells comes back, and nothing else`(path: String) throws {
        let folder = try DeviceFolder.load(path)
        let events = Set(folder.profile.rules.compactMap(\.event))
        guard !events.isEmpty else { return }
        for seed in UInt64(1)...3 {
            let trial = try #require(try DeviceTrial(folder: folder, seed: seed), "no speech.txt")
            #expect(trial.truth.count >= events.count)
            // Every way of telling is played.
            #expect(trial.warnings == [])
            let outcome = try trial.hear(profiles: [DeviceTrial.channel])
            #expect(outcome.differences == [], "seed \(seed)")
            #expect(outcome.heard == trial.truth.sorted() || outcome.heard.count == trial.truth.count)
        }
    }

    /// Makes that say what the standard says are found as the standard; those that say nothing of their own, not at all.
    private static let likeness = [
        "dahua/nvr": "dahua/events", "hikvision/nvr": "hikvision/isapi", "generic/syslog-recorder": "axis/syslog",
        "generic/vq-rtcpxr": "sip/generic", "reolink/onvif": "onvif/generic", "uniview/generic": "onvif/generic",
    ]

    @Test(arguments: folders)
    func `an unknown device is found with the profile that reads it`(path: String) throws {
        let folder = try DeviceFolder.load(path)
        let id = folder.profile.id
        // Whoever answers a ping is anything.
        guard !folder.profile.protocolName.isOfFiles, ![.framed, .icmp].contains(folder.profile.protocolName),
            folder.profile.rules.contains(where: { $0.event != nil })
        else { return }
        let trial = try #require(try DeviceTrial(folder: folder, seed: 4))
        var discovery = Discovery(profiles: try ProfileLibrary.load(Self.devices).profiles)
        trial.discover(&discovery)
        let drafted = discovery.draft(office: "office").split(separator: "\n").filter {
            !$0.contains("#") && $0.contains("profile: ")
        }
        #expect(drafted.contains { $0.contains("profile: \(Self.likeness[id] ?? id),") }, "\(drafted)")
        // The other end is taken for a device where both ends say the same: calls, prints, requests and answers.
        #expect(drafted.count <= 2)
    }

    @Test func `the same seed gives the same bytes, another seed others`() throws {
        let folder = try DeviceFolder.load(Self.devices + "/sip/generic")
        let first = try #require(try DeviceTrial(folder: folder, seed: 5))
        let again = try #require(try DeviceTrial(folder: folder, seed: 5))
        let other = try #require(try DeviceTrial(folder: folder, seed: 6))
        #expect(first.log == again.log && first.truth == again.truth && first.siteText == again.siteText)
        #expect(first.log != other.log)
    }

    /// The comparison can fail: without a rule, its events are missed.
    @Test func `a profile that lost a rule misses its events`() throws {
        var folder = try DeviceFolder.load(Self.devices + "/generic/udp-board")
        let whole = try #require(try DeviceTrial(folder: folder, seed: 1))
        let rule = try #require(folder.profile.rules.firstIndex { $0.id == "recalled" })
        folder.profile.rules.remove(at: rule)
        var lost = whole
        lost.profile = folder.profile
        let outcome = try lost.hear(profiles: [])
        let recalls = whole.truth.filter { $0.contains("ticket.recalled") }
        #expect(!recalls.isEmpty)
        #expect(outcome.differences == recalls.sorted().map { "- " + $0 })
    }

    private func read(_ text: String) throws(FileProblems) -> DeviceSpeech {
        var reader = SpeechReader(path: "speech.txt")
        return try reader.read(text)
    }

    @Test(arguments: [
        ("", "speech.txt:1: nothing is said; an utterance begins with '= EVENT'"),
        (
            "colour: red\n= ticket.left\n@ 0\nx",
            "speech.txt:1: unknown setting 'colour'; known: address, behind, connection, counters, header, number, port, "
                + "resolution, role, services, target, transport, unsaid, zones"
        ),
        ("port: 70000\n= ticket.left\n@ 0\nx", "speech.txt:1: '70000' is no port, 1 to 65535"),
        ("role: host\n= ticket.left\n@ 0\nx", "speech.txt:1: unknown word 'host'; known: client, server"),
        ("= ticket.left", "speech.txt:1: 'ticket.left' has no message; each begins with '@ 0'"),
        ("= ticket.left\n@ soon\nx", "speech.txt:2: '@' is followed by seconds from the event, like 0 or -1.5"),
        ("= ticket.left\n@ 0 crlf in post\nx", "speech.txt:2: unknown envelope 'post'; there is none"),
        (
            "= ticket.left colour=red\n@ 0\nx",
            "speech.txt:1: unknown key 'colour'; known: counter, device, expires, number"
        ),
        (
            "= ticket.left\n@ 0\nx ${nummer}",
            "speech.txt:3: unknown hole 'nummer' (did you mean 'number'?); known: \(SpeechTemplate.names.joined(separator: ", "))"
        ),
        ("= ticket.left\n@ 0\n${number", "speech.txt:3: '${' without '}'"),
        ("= ticket.left\n@ 0\n${on:start}", "speech.txt:3: 'on' is told as two words: ${on:active/inactive}"),
        ("= ticket.left\n@ 0\n${time}", "speech.txt:3: 'time' needs a form: ${time:%Y-%m-%dT%H:%M:%S%:z}"),
        ("= ticket.left\nx", "speech.txt:2: expected '@ 0' and the form of the message, before its lines"),
        (
            "= camera.motion device=\"channel ${behind}\"\n@ 0\nx ${on:a/b}",
            "speech.txt:1: '${behind}' needs the setting 'behind': what the device calls those behind it, like channel 1, "
                + "channel 2"
        ),
        (
            "= camera.motion device=nvr\n@ 0\nx",
            "speech.txt:1: 'device' needs the setting 'behind', which names what is behind the device"
        ),
        ("unsaid: ticket.held\n= ticket.left\n@ 0\nx", "speech.txt:1: 'unsaid' is followed by an event and why"),
    ])
    func `mistakes are told with their line`(text: String, message: String) {
        #expect(throws: FileProblems.self) { try read(text) }
        do throws(FileProblems) {
            _ = try read(text)
        } catch {
            let told = error.description
            #expect(told == message)
        }
    }

    @Test func `a way of telling that is never played is told`() throws {
        let root = NSTemporaryDirectory() + "deskwatch-speech-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: root) }
        try FileManager.default.copyItem(atPath: Self.devices + "/axis/syslog", toPath: root)
        let file = root + "/speech.txt"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try (text + "\n= camera.motion on=often\n@ 0\n<134>x\n").write(toFile: file, atomically: true, encoding: .utf8)
        let trial = try #require(try DeviceTrial(folder: try DeviceFolder.load(root), seed: 1))
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).count + 1
        #expect(
            trial.warnings.map { $0.description.replacingOccurrences(of: root + "/", with: "") } == [
                "speech.txt:\(line): warning: this way of telling 'camera.motion' is never played"
            ])
    }

    @Test func `an envelope that no message is in is told`() throws {
        let text = "& post\nA\n...\n& put\nB\n...\n= ticket.left\n@ 0 in post\nx"
        #expect(try read(text).warnings.map(\.description) == ["speech.txt:4: warning: no message is 'in put'"])
    }

    /// The recognizer's reader of times is another piece of code: what is written here is read there.
    @Test(arguments: [
        ("%Y-%m-%dT%H:%M:%S.%L%:z", StampFormat.rfc3339, Int64(1)), ("utc %Y-%m-%dT%H:%M:%SZ", .rfc3339, 1_000),
        ("%Y-%m-%d %H:%M:%S", .iso8601, 1_000), ("%Y-%m-%dT%H:%M:%S%z", .iso8601, 1_000),
        ("%b %e %H:%M:%S", .rfc3164, 1_000),
        ("%s", .epochSeconds, 1_000), ("%Q", .epochMilliseconds, 1),
    ])
    func `times are written as they are read`(form: String, format: StampFormat, unit: Int64) throws {
        let clock = OfficeClock(offsetSeconds: 7 * 3_600)
        var chance = Chance(seed: 7)
        for _ in 0..<500 {
            // 2000 to 2100.
            let at = Instant(milliseconds: chance.integer(in: 946_684_800_000...4_102_444_800_000) / unit * unit)
            let text = SpokenTime.text(at, form, clock: clock)
            #expect(format.instant(of: text, clock: clock, heard: at) == at, "\(text)")
        }
    }

    @Test func `twelve hours are written as people do`() {
        let clock = OfficeClock(offsetSeconds: 0)
        let day = Instant(milliseconds: 1_794_268_800_000)
        #expect(SpokenTime.text(day, "%I:%M %p", clock: clock) == "12:00 AM")
        #expect(SpokenTime.text(day + 13 * 3_600_000, "%I:%M %p", clock: clock) == "01:00 PM")
    }

    @Test func `ticket numbers count on`() {
        #expect(DeviceLives.next("A009") == "A010")
        #expect(DeviceLives.next("099") == "100")
        #expect(DeviceLives.next("K") == "K1")
    }
}
