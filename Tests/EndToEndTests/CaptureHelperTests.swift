import Foundation
import Testing

/// The real agent and its capture helper in a network namespace of the test's own: who may do what, and what is
/// survived.
@Suite struct CaptureHelperTests {
    private static let tools = ["/usr/bin/unshare", "/usr/bin/logger"]

    static var missing: [String] {
        var missing = tools.filter { !FileManager.default.isExecutableFile(atPath: $0) }
        if geteuid() != 0 { missing.append("root (a network namespace and the right to capture)") }
        return missing
    }

    private static let site = """
        office: { id: helper, name: { vi: "Một cửa", en: "Helper" }, timezone: Asia/Ho_Chi_Minh }
        hours: { mon-sun: ["00:00-24:00"] }
        services: [ { id: ho-tich, name: { vi: "Hộ tịch", en: "Civil status" } } ]
        counters: [ { id: q1, services: [ho-tich] } ]
        devices:
          - { id: kiosk, profile: generic/syslog-kiosk, address: 192.0.2.1, ticketSystem: main }
        """

    /// A pair of interfaces: `desk` speaks, `ear` is listened on. $1 folder, $2 commands, $3 device folders.
    private static let begin = """
        set -eu
        cd "$1"
        add() {
            ip link add desk type veth peer name ear
            ip link set desk up; ip link set ear up
            ip addr add 192.0.2.1/24 dev desk
            ip neigh replace 192.0.2.9 lladdr 02:00:00:00:00:09 dev desk
        }
        # From the desk to a host that is not there: only who listens on the wire can hear it.
        say() { logger -n 192.0.2.9 -P 514 -d --rfc5424 -t qms --msgid TICKET -p local0.info "action=issued ticket=$1 service=ho-tich"; }
        # Waits for a line of the agent's.
        hear() { for i in $(seq 150); do grep -q "$1" agent.log && return; sleep 0.1; done; echo "NEVER: $1"; cat agent.log; exit 1; }
        gone() { for i in $(seq 100); do [ -e "/proc/$1/exe" ] || return 0; sleep 0.1; done; echo "STILL THERE: $2"; exit 1; }
        add
        "$2/deskwatch-agent" run --site site.yaml --devices "$3" --interface ear --spool spool >agent.log 2>&1 &
        agent=$!
        trap 'kill -9 $agent 2>/dev/null || true' EXIT
        hear "listening on ear"
        helper=$(cat /proc/$agent/task/$agent/children | tr -d ' ')

        """

    /// All files of the spool as one text.
    private static func spool(_ scratch: Scratch) throws -> String {
        try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/spool")
            .compactMap { FileManager.default.contents(atPath: scratch.path + "/spool/" + $0) }
            .map { String(decoding: $0, as: UTF8.self) }.joined()
    }

    private func run(_ script: String, _ scratch: Scratch, status: Int32 = 0) throws -> String {
        try Self.site.write(toFile: scratch.path + "/site.yaml", atomically: true, encoding: .utf8)
        return try Command.run(
            "/usr/bin/unshare",
            [
                "-n", "bash", "-c", Self.begin + script, "helper", scratch.path, Command.folder.path,
                Command.root.appendingPathComponent("devices").path,
            ], status: status)
    }

    @Test(.enabled(if: missing.isEmpty, "skipped: needs \(missing.joined(separator: ", "))"))
    func `the agent may do nothing, the helper may capture as nobody, and interfaces come and go`() throws {
        let scratch = try Scratch("helper")
        let output = try run(
            """
            status() { grep -E '^(Uid|Groups|Cap...|NoNewPrivs|Seccomp):' /proc/$2/status | tr '\\t' ' ' | sed "s/^/$1 /"; }
            status agent $agent
            status helper $helper
            say A001; sleep 0.5
            ip link set ear down; hear "ear: down"
            ip link set ear up; hear "ear: up again"
            say A002; sleep 0.5
            ip link set ear down; ip link set ear name lan; ip link set lan up; hear "ear: is called lan now"
            sleep 3; say A003; sleep 0.5
            ip link del desk; hear "lan: gone"
            add; hear "ear: is back"
            say A004; sleep 2
            kill -TERM $agent; wait $agent || { echo "agent: exit $?"; cat agent.log; exit 1; }
            gone $helper helper
            cat agent.log
            """, scratch)
        let none = String(repeating: "0", count: 16)
        for line in [
            "agent CapInh: \(none)", "agent CapPrm: \(none)", "agent CapEff: \(none)", "agent CapBnd: \(none)",
            "agent CapAmb: \(none)", "agent NoNewPrivs: 1", "helper CapInh: \(none)", "helper CapPrm: 0000000000002000",
            "helper CapEff: 0000000000002000", "helper CapBnd: \(none)", "helper CapAmb: \(none)",
            "helper NoNewPrivs: 1",
            "helper Seccomp: 2", "helper Uid: 65534 65534 65534 65534",
        ] {
            #expect(output.contains(line), "\(line) is missing in:\n\(output)")
        }
        // What was said is in the spool, and so is when nobody could hear.
        let spool = try Self.spool(scratch)
        for text in ["A001", "A002", "A003", "A004", "ear: down, nothing is heard", "lan: gone"] {
            #expect(spool.contains(text), "\(text) is not in the spool:\n\(output)")
        }
    }

    @Test(.enabled(if: missing.isEmpty, "skipped: needs \(missing.joined(separator: ", "))"))
    func `a killed helper ends the agent in order, a killed agent ends its helper`() throws {
        let scratch = try Scratch("helper-kill")
        let output = try run(
            """
            say A001; sleep 0.5
            kill -9 $helper
            code=0; wait $agent || code=$?
            echo "agent: exit $code"
            cat agent.log
            "$2/deskwatch-agent" run --site site.yaml --devices "$3" --interface ear --spool spool >agent.log 2>&1 &
            agent=$!
            hear "listening on ear"
            helper=$(cat /proc/$agent/task/$agent/children | tr -d ' ')
            kill -9 $agent
            gone $helper helper
            echo "both gone"
            ip link set ear down
            "$2/deskwatch-agent" run --site site.yaml --devices "$3" --interface ear --spool spool >agent.log 2>&1 &
            agent=$!
            hear "ear: is not up"
            hear "listening on ear"
            ip link set ear up; hear "ear: is back"
            say A002; sleep 1
            kill -TERM $agent; wait $agent
            """, scratch)
        #expect(output.contains("agent: exit 1"), "\(output)")
        #expect(output.contains("ear: capture helper: it ended (Killed)"), "\(output)")
        #expect(output.contains("stopped"), "\(output)")
        #expect(output.contains("both gone"), "\(output)")
        let spool = try Self.spool(scratch)
        for text in ["A001", "A002", "ear: is not up"] { #expect(spool.contains(text), "\(text): \(output)") }
    }

    @Test func `an interface that there is not is named with those that are`() throws {
        guard geteuid() == 0 else { return }
        for command in [["decode", "-i", "nowhere0"], ["capture-helper", "-i", "nowhere0", "--filter", "ip"]] {
            let output = try Command.run("agent", command, status: 69)
            #expect(output.contains("no interface 'nowhere0'; known:") && output.contains("lo"), "\(output)")
        }
    }

    @Test func `who may not capture is told what to type`() throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv"), geteuid() == 0 else { return }
        let agent = Command.folder.appendingPathComponent("deskwatch-agent").path
        let output = try Command.run(
            "/usr/bin/setpriv", ["--bounding-set", "-net_raw", "--inh-caps", "-net_raw", agent, "decode", "-i", "lo"],
            status: 77)
        #expect(output.contains("setcap cap_net_raw+ep \(agent)"), "\(output)")
    }
}
