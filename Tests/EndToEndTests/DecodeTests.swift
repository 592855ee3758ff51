import Foundation
import Testing

/// `decode` as a person uses it, on a simulated day's packets.
struct DecodeTests {
    private static func day() throws -> (Scratch, String) {
        let scratch = try Scratch("decode")
        try Command.run("sim", ["day", "--scenario", "tiny", "--seed", "3", "--out", scratch.path])
        return (scratch, scratch.path + "/capture.pcap")
    }

    private static func lines(_ arguments: [String]) throws -> [String] {
        try Command.run("agent", ["decode"] + arguments).split(separator: "\n").map(String.init)
    }

    @Test func `tests and fields choose messages and columns`() throws {
        let (scratch, capture) = try Self.day()
        _ = scratch
        let all = try Self.lines(["--protocol", "syslog", capture])
        let issued = try Self.lines(["--where", "syslog.msgid == TICKET", "--where", "protocol == syslog", capture])
        let others = try Self.lines(["--where", "syslog.msgid != TICKET", capture])
        #expect(!issued.isEmpty && !others.isEmpty)
        let silent = try Self.lines(["--where", "!msgid", "--protocol", "syslog", capture])
        #expect(issued.count + others.count + silent.count == all.count)
        let rows = try Self.lines(["--fields", "time,source,syslog.app,syslog.msgid", capture])
        #expect(rows.count == all.count)
        #expect(rows.allSatisfy { $0.split(separator: "\t", omittingEmptySubsequences: false).count == 4 })
        #expect(issued.allSatisfy { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil })
    }

    @Test func `what nothing was understood of is told by host and port`() throws {
        let (scratch, capture) = try Self.day()
        _ = scratch
        let rows = try Self.lines(["--unknown", capture]).map { $0.split(separator: "\t").map(String.init) }
        #expect(!rows.isEmpty)
        for row in rows {
            #expect(row.count == 7 && (row[0] == "udp" || row[0] == "tcp"))
            #expect((Int(row[3]) ?? 0) > 0)
            // Syslog, MQTT and SIP are understood.
            #expect(!["514", "1883", "5060"].contains(row[2]))
        }
    }

    @Test(arguments: [
        ["--where", "sip.metod == INVITE"], ["--where", "sip.method = INVITE"], ["--fields", "sip.metod"],
        ["--summary", "--unknown"], ["--protocol", "sipp"], ["--follow", "a", "b"],
    ])
    func `wrong words are told and end with 64`(arguments: [String]) throws {
        try Command.run("agent", ["decode"] + arguments + ["x.pcap"], status: 64)
    }
}
