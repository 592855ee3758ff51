import Capture
import Glibc
import Wire

/// What other tools take for the same file, where the same is asked of them: who called (Call-ID and CSeq), which hosts
/// spoke syslog, which topics were published. Times are only told if the answers are the same, value by value.
enum Scale {
    /// `--list FILE`: what we find, one value a line: the process that is timed.
    static func list(_ path: String) throws {
        var file = try CaptureFile(path: path)
        var dissector = Dissector()
        var out: [UInt8] = []
        out.reserveCapacity(1 << 20)
        func add(_ message: Message) {
            switch message.protocolName {
            case .sip:
                out += "sip ".utf8
                out += message.textBytes(SIP.Field.callId) ?? []
                out += " \(message.text(SIP.Field.cseq) ?? "") ".utf8
                out += message.textBytes(SIP.Field.cseqMethod) ?? []
            case .syslog:
                guard let host = message.textBytes(Syslog.Field.hostname) else { return }
                out += "syslog ".utf8
                out += host
            case .mqtt:
                guard let topic = message.textBytes(MQTT.Field.topic) else { return }
                out += "mqtt ".utf8
                out += topic
            default: return
            }
            out.append(10)
            if out.count > 1 << 20 { flush() }
        }
        func flush() {
            var from = 0
            while from < out.count {
                let wrote = out[from...].withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
                if wrote <= 0 { break }
                from += wrote
            }
            out.removeAll(keepingCapacity: true)
        }
        do {
            while try file.next({ header, bytes in dissector.dissect(bytes, header) { add($0.message) } }) {}
        } catch is ParseError {
            // The capture is damaged: what came before counts.
        }
        dissector.finish { add($0.message) }
        flush()
    }

    static func run(_ path: String) throws {
        print("\nother tools on the same file, whole processes")
        guard let own = try Child.succeed(["/proc/self/exe", "--list", path], to: path + ".own") else {
            throw CaptureWriter.Failure(description: "cannot run ourselves")
        }
        let found = try Child.read(path + ".own").split(separator: "\n").map(String.init).sorted()
        line("ours: Call-ID and CSeq, syslog hosts, MQTT topics", own, own)
        try shark(path, found, own)
        try deepInspection(path, own)
    }

    private static func shark(_ path: String, _ found: [String], _ own: Child) throws {
        let fields = ["sip.Call-ID", "sip.CSeq", "syslog.hostname", "mqtt.topic"].flatMap { ["-e", $0] }
        let words =
            ["tshark", "-n", "-r", path, "-Y", "sip || syslog || mqtt", "-T", "fields", "-E", "aggregator=;"] + fields
        guard let child = try Child.succeed(words, to: path + ".tshark") else {
            return print("tshark is not installed: not compared")
        }
        var theirs: [String] = []
        for row in try Child.read(path + ".tshark").split(separator: "\n") {
            let cells = row.split(separator: "\t", omittingEmptySubsequences: false)
            guard cells.count == 4 else { continue }
            if !cells[0].isEmpty { theirs.append("sip \(cells[0]) \(cells[1])") }
            for host in cells[2].split(separator: ";") { theirs.append("syslog \(host)") }
            for topic in cells[3].split(separator: ";") { theirs.append("mqtt \(topic)") }
        }
        theirs.sort()
        guard theirs == found else {
            let difference = zip(found, theirs).first { $0 != $1 }
            throw CaptureWriter.Failure(
                description: "tshark says something else: \(theirs.count) values, ours \(found.count); first "
                    + "\(difference?.0 ?? "none") and \(difference?.1 ?? "none")")
        }
        line("tshark: the same \(found.count) values", child, own)
    }

    /// It names the protocol of each flow and tells no field, so only what it finds is told, and its time for scale.
    private static func deepInspection(_ path: String, _ own: Child) throws {
        guard let child = try Child.succeed(["ndpiReader", "-i", path], to: path + ".ndpi") else {
            return print("ndpiReader is not installed: not compared")
        }
        var named: [String] = []
        for row in try Child.read(path + ".ndpi").split(separator: "\n") {
            let words = row.split { $0 == " " || $0 == "\t" }
            guard let name = words.first, ["SIP", "Syslog", "MQTT"].contains(name),
                let at = words.firstIndex(of: "packets:"), at + 1 < words.count
            else { continue }
            named.append("\(words[at + 1]) packets of \(name)")
        }
        line("ndpiReader: names flows, no field is told (\(named.joined(separator: ", ")))", child, own)
    }

    private static func line(_ name: String, _ child: Child, _ own: Child) {
        print(
            "\(name): \(Bench.decimal(child.seconds, 2)) s CPU, \(Bench.decimal(child.elapsed, 2)) s"
                + memory(child) + ratio(child, own))
    }

    /// What a process had while it still shared ours counts as its own, so only more than that is told.
    private static func memory(_ child: Child) -> String {
        child.peak > ProcessMemory.peak ? "; at most \(child.peak / 1_024) MB" : ""
    }

    private static func ratio(_ child: Child, _ own: Child) -> String {
        child.seconds == own.seconds ? "" : "; \(Bench.decimal(child.seconds / max(own.seconds, 0.001), 0)) × our CPU"
    }
}
