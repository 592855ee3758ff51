import Agent
import ArgumentParser
import Capture
import Domain
import Wire

#if canImport(Glibc)
    import Glibc
#endif

/// `discover`: from an unknown office to a draft of its site file.
struct Discover: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Listen to an office and draft its site file: who is there, and which profile reads what he says.",
        discussion: """
            Listens for --seconds on each interface, or reads captures. Devices are found by LLDP, CDP, mDNS, SSDP, \
            WS-Discovery, DHCP and by what they say; --probe asks for the answers of mDNS, SSDP and WS-Discovery. What was heard \
            but not understood stands in the draft as comments. Ctrl-C ends listening early. Nothing is kept.
            """)

    @Argument(help: "Captures to read instead of listening.")
    var files: [String] = []

    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp(
            "Listen on this interface; may be given more than once. Default: all but lo.", valueName: "if"))
    var interface: [String] = []

    @Option(help: ArgumentHelp("Listen for so long.", valueName: "n"))
    var seconds = 60

    @Flag(help: "Ask too: one multicast question of each protocol, by the network's default way.")
    var probe = false

    @OptionGroup var folders: LibraryOptions

    @Option(help: ArgumentHelp("The office's id in the draft.", valueName: "id"))
    var office = "office"

    @Option(
        help: ArgumentHelp(
            "Write the draft here instead of printing it; only an empty file is replaced.", valueName: "file"))
    var out: String?

    func validate() throws {
        if !files.isEmpty, !interface.isEmpty || probe {
            throw ValidationError("give captures, or interfaces to listen on, and not both")
        }
        guard (1...86_400).contains(seconds) else { throw ValidationError("--seconds takes 1 to 86400") }
        guard office.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }),
            (1...64).contains(office.utf8.count)
        else { throw ValidationError("--office takes small letters, digits and '-', not '\(office)'") }
        var status = stat()
        if let out, stat(out, &status) == 0, status.st_size > 0 || status.st_mode & S_IFMT != S_IFREG {
            throw ValidationError("\(out) exists; it is not replaced")
        }
    }

    func run() throws {
        let library: ProfileLibrary
        do {
            library = try ProfileLibrary.load(folders.directories())
        } catch {
            throw stop("\(error)", Code.configuration)
        }
        var discovery = Discovery(profiles: library.profiles)
        var isWhole = true
        // Made while it may be: listening is done without privileges.
        let file = try out.map(create)
        if files.isEmpty { try listen(&discovery) } else { isWhole = read(&discovery) }
        let draft = discovery.draft(office: office)
        if let out, let file {
            defer { fclose(file) }
            guard fputs(draft, file) >= 0, fflush(file) == 0 else {
                throw stop("\(out): \(String(cString: strerror(errno)))", 1)
            }
            say("\(out): \(discovery.hostCount) hosts heard; fill it in, then: deskwatch-agent check \(out)")
        } else {
            print(draft, terminator: "")
        }
        if !isWhole { throw ExitCode(1) }
    }

    private func create(_ path: String) throws -> UnsafeMutablePointer<FILE> {
        let number = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666)
        var status = stat()
        guard number >= 0, fstat(number, &status) == 0, let file = fdopen(number, "w") else {
            throw stop("\(path): \(String(cString: strerror(errno)))", 1)
        }
        guard status.st_size == 0, status.st_mode & S_IFMT == S_IFREG else {
            fclose(file)
            throw stop("\(path) exists; it is not replaced", 1)
        }
        return file
    }

    private func read(_ discovery: inout Discovery) -> Bool {
        var isWhole = true
        for path in files {
            var dissector = Dissector()
            do {
                var file = try CaptureFile(path: path)
                while try file.next({ header, bytes in Self.take(bytes, header, &dissector, &discovery) }) {}
            } catch let error as ParseError {
                isWhole = false
                say("\(path): damaged at byte \(error.offset): \(Decode.words(error))")
            } catch {
                isWhole = false
                say("\(error)")
            }
            dissector.finish { discovery.add($0) }
        }
        return isWhole
    }

    private static func take(
        _ bytes: borrowing RawSpan, _ header: FrameHeader, _ dissector: inout Dissector, _ discovery: inout Discovery
    ) {
        let sender = dissector.dissect(bytes, header) { discovery.add($0) }
        discovery.add(bytes, header, from: sender)
    }

    private func listen(_ discovery: inout Discovery) throws {
        let names = interface.isEmpty ? standardInterfaces() : interface
        do {
            // One interface after the other would miss what is said on the rest meanwhile: `any` hears them all.
            let name = names.count == 1 ? names[0] : "any"
            let helpers = try startHelpers([name], becoming: Account(named: "nobody"))
            guard let helper = helpers.first else { return }
            Interruption.await()
            var capture = try HelperCapture(helper, filter: CaptureFilter(devices: []))
            say("listening on \(name) for \(seconds) s")
            if probe { Probe.send() }
            var dissector = Dissector()
            let end = AgentTime.steadyClock() + Int64(seconds) * 1_000
            while AgentTime.steadyClock() < end, !Interruption.came {
                _ = try capture.next { header, bytes in Self.take(bytes, header, &dissector, &discovery) }
                while let change = capture.takeChange() { say("\(change)") }
            }
            dissector.finish { discovery.add($0) }
        } catch let error as CaptureError {
            // Where the folder does not let go of it any more, the next try takes the empty file.
            if let out { unlink(out) }
            throw stop("\(error)", error.exitCode)
        }
    }
}

/// The questions that devices answer about themselves, each asked once.
enum Probe {
    static func send() {
        let id = "urn:uuid:" + (0..<16).map { _ in "0123456789abcdef".randomElement().map(String.init) ?? "0" }.joined()
        let questions: [(group: String, port: UInt16, bytes: [UInt8])] = [
            ("224.0.0.251", 5_353, MDNS.encodeQuery("_services._dns-sd._udp.local")),
            ("239.255.255.250", 1_900, SSDP.encodeSearch(target: "ssdp:all")),
            ("239.255.255.250", 3_702, WSDiscovery.encode(action: "Probe", messageID: id)),
        ]
        let file = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard file >= 0 else { return say("no probe was sent: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        for question in questions {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = question.port.bigEndian
            inet_pton(AF_INET, question.group, &address.sin_addr)
            let sent = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(file, question.bytes, question.bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if sent < 0 { say("no probe to \(question.group):\(question.port): \(String(cString: strerror(errno)))") }
        }
    }
}
