public import Agent
internal import Domain
internal import Foundation

/// How a device tells its events: the `speech.txt` of a device folder. The profile reads what the device says; the speech
/// says it, so that a simulated device of any make can be heard.
public struct DeviceSpeech: Sendable {
    /// One message of an utterance.
    struct Message: Sendable {
        var line: Int
        /// Milliseconds from the event: before it, or after.
        var after: Int64
        var isToDevice: Bool
        var form: SampleForm
        var lines: [SpeechTemplate]
        var topic: SpeechTemplate?
    }

    /// The messages that tell an event, and what of it is always the same when it is told so.
    struct Utterance: Sendable {
        var line: Int
        /// A name of `EventKind.catalogue`.
        var event: String
        /// By payload key, in the order of the file.
        var constants: [(key: String, text: SpeechTemplate)] = []
        /// The device's word for what is behind it, where the event is about that.
        var device: SpeechTemplate?
        /// Milliseconds after which the state ends without a word.
        var expires: Int64?
        var messages: [Message] = []

        var holes: Set<String> {
            var out: Set<String> = device?.holes ?? []
            for constant in constants { out.formUnion(constant.text.holes) }
            for message in messages {
                for line in message.lines { out.formUnion(line.holes) }
                out.formUnion(message.topic?.holes ?? [])
            }
            return out
        }
    }

    enum Connection: String, CaseIterable, Sendable { case each, one }
    enum Role: String, CaseIterable, Sendable { case client, server }
    enum Transport: String, CaseIterable, Sendable { case tcp, udp, frame, icmp }

    /// The first ticket's number; the others count on from it.
    var number = "A001"
    /// What the device calls counters, services, zones (by the site's name) and what is behind it.
    var counters = ["1", "2", "3", "4"]
    var services = ["S1", "S2"]
    var zones: [(name: String, token: String)] = [("staff", "staff"), ("visitors", "visitors")]
    var behind: [String] = []
    /// Of the site file; the default is an IP address.
    var address = "192.168.10.20"
    var port: UInt16?
    var transport: Transport?
    /// A server where the address names its ports, else a client.
    var role: Role?
    var connection: Connection?
    /// Where datagrams go, if not to one host.
    var target: String?
    /// The header of a file of rows.
    var header: String?
    /// Milliseconds that the device's times are multiples of.
    var resolution: Int64 = 1
    /// Said when a connection begins.
    var opening: [Message] = []
    var utterances: [Utterance] = []
    /// Events of the profile that are not told here, and why.
    var unsaid: [(event: String, reason: String)] = []

    /// What is allowed and hardly meant.
    public var warnings: [FileProblem] = []

    public static let fileName = "speech.txt"

    /// Reads a folder's `speech.txt`. `nil`: it has none. Throws everything that is wrong with it.
    public static func load(folder: String) throws(FileProblems) -> DeviceSpeech? {
        let path = folder + "/" + fileName
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw FileProblems([FileProblem(path: path, line: 0, message: error.localizedDescription)])
        }
        var reader = SpeechReader(path: path)
        return try reader.read(text)
    }
}
