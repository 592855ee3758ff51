import Agent
import ArgumentParser
import Capture
import Synchronization
import Wire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// `decode`: what is said in a capture, or on an interface until Ctrl-C.
struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the messages in capture files, or heard on an interface.",
        discussion: """
            One JSON object a line: time, protocol, transport, source, destination, fields; bodies and secrets are \
            never printed (--secrets prints what is redacted). With --summary, lines of protocol, kind, value and count \
            instead; with --unknown, what nothing was understood of: transport, host, port, frames, bytes, number of peers, \
            first bytes. Both have tabs between.
            --where takes NAME == VALUE, NAME != VALUE, NAME (is there) or !NAME; NAME is a protocol's field (sip.method), a \
            field alone (method), or time, protocol, transport, source, destination, vlan, vlan.inner. Several, or \
            several with && between, must all hold. \
            --fields prints only these, with tabs between: --fields time,source,sip.method.
            A damaged file gives the messages before the damage and a line on standard error; the other files are \
            still read. Exit codes: 0 all was read, 1 a file was damaged or missing, 69 no such interface, \
            77 capturing is not permitted.
            """)

    @Argument(help: "Capture files: pcap or pcapng; /dev/stdin reads a pipe.")
    var files: [String] = []

    @Option(name: [.customShort("i"), .long], help: "Capture from this interface (or 'any') until Ctrl-C.")
    var interface: String?

    @Option(
        name: .customLong("protocol"),
        help: "Only these, separated by commas: \(ProtocolName.allCases.map(\.rawValue).joined(separator: ", ")).")
    var protocols: String?

    @Flag(help: "Count kinds and values instead of printing messages.")
    var summary = false

    @Flag(help: "Summarise by host and port what nothing was understood of.")
    var unknown = false

    @Option(
        name: .customLong("where"), parsing: .singleValue,
        help: ArgumentHelp("Only messages of which this holds, like 'sip.method == INVITE'.", valueName: "test"))
    var tests: [String] = []

    @Option(help: ArgumentHelp("Print only these fields, with tabs between.", valueName: "name,name,…"))
    var fields: String?

    @Flag(help: "Print secrets and names of persons too, where a decoder lets them out.")
    var secrets = false

    @Flag(help: "Go on reading a file that is still being written, until Ctrl-C.")
    var follow = false

    @Flag(help: "Print what became of every frame, packet and byte on standard error at the end.")
    var counters = false

    func validate() throws {
        guard files.isEmpty != (interface == nil) else {
            throw ValidationError("give capture files, or an interface with -i, and not both")
        }
        if summary, unknown { throw ValidationError("give --summary or --unknown, not both") }
        if summary, fields != nil {
            throw ValidationError("give --summary or --fields, not both: counts have no fields")
        }
        if unknown, fields != nil || protocols != nil || !tests.isEmpty {
            throw ValidationError(
                "--unknown is of what no message was made of: --fields, --protocol and --where choose messages")
        }
        if follow, files.count > 1 { throw ValidationError("--follow is for one file") }
        _ = try selection()
    }

    func run() throws {
        var output = DecodeOutput(try selection(), form: summary ? .summary : unknown ? .unknown : .lines)
        let isWhole = interface == nil ? read(&output) : try listen(&output)
        output.finish()
        if let failure = output.failure { throw stop("standard output: \(failure)", 1) }
        if !isWhole { throw ExitCode(1) }
    }

    private func selection() throws -> DecodeSelection {
        var selection = DecodeSelection(protocols: try wanted())
        selection.secrets = secrets
        do throws(DecodeSelection.WrongWord) {
            for test in tests { selection.tests += try DecodeSelection.Test.all(test) }
            for name in (fields ?? "").split(separator: ",") {
                selection.fields.append(try DecodeSelection.Name(String(name)))
            }
        } catch {
            throw ValidationError(error.message)
        }
        return selection
    }

    private func wanted() throws -> Set<ProtocolName> {
        guard let protocols else { return Set(ProtocolName.allCases) }
        var names: Set<ProtocolName> = []
        for word in protocols.split(separator: ",") {
            guard let name = ProtocolName(rawValue: String(word)) else {
                let known = ProtocolName.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("unknown protocol '\(word)'; known: \(known)")
            }
            names.insert(name)
        }
        return names
    }

    /// Each file is a place and time of its own: conversations don't go on from one to the next.
    private func read(_ output: inout DecodeOutput) -> Bool {
        var isWhole = true
        for path in files {
            var dissector = Dissector()
            var strange: [LinkType: Int] = [:]
            do {
                let growing = follow ? try GrowingFile(path, until: { Interruption.came }) : nil
                if follow { Interruption.await() }
                var file = try CaptureFile(path: growing?.path ?? path)
                while !output.isClosed,
                    try file.next({ header, bytes in
                        output.add(bytes, header)
                        if !header.link.isRead { strange[header.link, default: 0] += 1 }
                        dissector.dissect(bytes, header) { output.add($0) }
                    })
                {
                    if follow { output.flush() }
                }
            } catch let error as ParseError {
                isWhole = false
                let words = error.offset == 0 ? Self.noCapture(path) : nil
                say(words ?? "\(path): damaged at byte \(error.offset): \(Self.words(error))")
            } catch {
                isWhole = false
                say("\(error)")
            }
            dissector.finish { output.add($0) }
            for (link, count) in strange.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                let name = link.unreadName.map { " (\($0))" } ?? ""
                say("\(path): link type \(link.rawValue)\(name) is not read: \(count) frames")
            }
            output.add(dissector.counters)
            report(dissector)
        }
        return isWhole
    }

    /// What a file is that is no capture, and who reads it; `nil` if its first bytes do not say.
    static func noCapture(_ path: String) -> String? {
        // What came from a pipe is gone.
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, let head = head(path), !head.isEmpty
        else { return nil }
        switch FileKind(head) {
        case .capture: return nil
        case .packed: return "\(path) is no capture: unpack it first"
        case .records, .rows:
            // Bytes that no text has.
            guard !head.prefix(64).contains(where: { $0 < 9 }) else { return nil }
            return "\(path) is no capture; rows of files are read with 'replay --profile FOLDER \(path)', "
                + "a folder's samples with 'check FOLDER'"
        }
    }

    private static func head(_ path: String) -> [UInt8]? {
        do {
            var pieces = try FilePieces(path: path)
            return try pieces.next()
        } catch {
            return nil
        }
    }

    private func listen(_ output: inout DecodeOutput) throws -> Bool {
        guard let interface else { return true }
        do {
            // Nothing but standard output is needed from here on.
            let helpers = try startHelpers([interface], becoming: Account(named: "nobody"))
            guard let helper = helpers.first else { return true }
            Interruption.await()
            var capture = try HelperCapture(helper, filter: CaptureFilter(devices: []))
            say("listening on \(interface); Ctrl-C ends")
            var dissector = Dissector()
            while !Interruption.came, !output.isClosed {
                let isFrame = try capture.next { header, bytes in
                    output.add(bytes, header)
                    dissector.dissect(bytes, header) { output.add($0) }
                }
                // Nothing more for now: whoever reads our output should not wait for a full buffer.
                if !isFrame { output.flush() }
                while let change = capture.takeChange() { say("\(change)") }
            }
            dissector.finish { output.add($0) }
            output.add(dissector.counters)
            let counts = capture.counters
            say(
                "\(counts.frames) frames, \(counts.dropped) dropped by the kernel, "
                    + "\(counts.droppedByInterface) by the interface")
            report(dissector)
            return true
        } catch let error as CaptureError {
            say("\(error)")
            throw ExitCode(error.exitCode)
        }
    }

    private func report(_ dissector: Dissector) {
        guard counters else { return }
        for (name, value) in dissector.counters.labelled where value > 0 { say("\(name) \(value)") }
    }

    static func words(_ error: ParseError) -> String {
        switch error.reason {
        case .truncated: "cut short, \(error.needed) bytes needed, \(error.available) there"
        case .malformed: "no record can look like this"
        case .unsupported: "a format or version that we do not read"
        case .tooLarge: "a length of \(error.needed), more than \(error.available) is not believed"
        case .checksum: "a checksum that does not match"
        }
    }
}

/// Ctrl-C and `kill`, as a value to ask for.
enum Interruption {
    private static let flag = Atomic<Bool>(false)

    static var came: Bool { flag.load(ordering: .relaxed) }

    static func await() {
        _ = came
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in Interruption.flag.store(true, ordering: .relaxed) }
        }
    }
}
