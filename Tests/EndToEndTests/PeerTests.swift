import Foundation
import Testing

/// Real programs of other people, heard live: `logger`, `mosquitto_pub` and `sipp` talk in a network namespace of the
/// test's own while the agent listens there.
@Suite struct PeerTests {
    private static let tools = [
        "/usr/bin/logger", "/usr/sbin/mosquitto", "/usr/bin/mosquitto_pub", "/usr/bin/sipp", "/usr/bin/unshare",
    ]

    static var missing: [String] {
        var missing = tools.filter { !FileManager.default.isExecutableFile(atPath: $0) }
        if geteuid() != 0 { missing.append("root (a network namespace and the right to capture)") }
        return missing
    }

    private static let site = """
        office: { id: peers, name: { vi: "Một cửa", en: "Peers" }, timezone: Asia/Ho_Chi_Minh }
        hours: { mon-sun: ["00:00-24:00"] }
        services: [ { id: ho-tich, name: { vi: "Hộ tịch", en: "Civil status" } } ]
        counters: [ { id: q1, services: [ho-tich], meetings: [vc] }, { id: q2, services: [ho-tich] } ]
        devices:
          - { id: kiosk, profile: generic/syslog-kiosk, address: 127.0.0.1, ticketSystem: main }
          - { id: land, profile: generic/mqtt-json, address: 127.0.0.1, ticketSystem: land }
          - { id: vc, profile: sip/generic, address: 127.0.0.1 }
        """

    private static let script = """
        set -eu
        ip link set lo up
        cd "$1"
        "$2/deskwatch-collector" serve --data data --listen 127.0.0.1:8480 >collector.log 2>&1 &
        collector=$!
        printf 'listener 1883 127.0.0.1\\nallow_anonymous true\\n' >mosquitto.conf
        mosquitto -c mosquitto.conf >mosquitto.log 2>&1 &
        broker=$!
        # -9: a signal mask that we inherited may keep the broker from hearing anything softer.
        trap 'kill -9 $collector $broker ${agent:-} 2>/dev/null || true' EXIT
        "$2/deskwatch-agent" run --site site.yaml --devices "$3" --interface lo --spool spool --to http://127.0.0.1:8480 \\
            >agent.log 2>&1 &
        agent=$!
        for i in $(seq 200); do grep -q listening agent.log && break; sleep 0.1; done
        grep -q listening agent.log || { cat agent.log; exit 1; }
        say() { logger -n 127.0.0.1 -P 514 -d --rfc5424 -t qms --msgid "$1" -p local0.info "$2"; }
        say COUNTER "action=opened counter=q1"
        say TICKET "action=issued ticket=A007 service=ho-tich channel=kiosk"
        sleep 0.3
        say TICKET "action=called ticket=A007 counter=q1"
        say TICKET "action=serving ticket=A007 counter=q1"
        mosquitto_pub -h 127.0.0.1 -t queue/x/ticket/issued -m '{"number":"B001","service":"ho-tich"}'
        mosquitto_pub -h 127.0.0.1 -V 5 -q 2 -t queue/x/ticket/called -m '{"number":"B001","counter":"q2"}'
        sipp -sn uas -i 127.0.0.1 -p 5060 -m 1 -bg >/dev/null 2>&1 || true
        sipp -sn uac -i 127.0.0.1 -p 5061 -m 1 -d 700 127.0.0.1:5060 >sipp.log 2>&1 || true
        sleep 0.3
        say TICKET "action=served ticket=A007 counter=q1"
        sleep 3
        kill -TERM $agent
        wait $agent || { echo "agent: exit $?"; cat agent.log; exit 1; }
        today=$(TZ=Asia/Ho_Chi_Minh date +%F)
        "$2/deskwatch-collector" events --date "$today" --core --url http://127.0.0.1:8480
        "$2/deskwatch-collector" day peers "$today" --output text --url http://127.0.0.1:8480
        """

    @Test(.enabled(if: PeerTests.missing.isEmpty, "skipped: needs \(PeerTests.missing.joined(separator: ", "))"))
    func `logger, mosquitto_pub and sipp are heard live and show up in the day`() async throws {
        let scratch = try Scratch("peers")
        try Self.site.write(toFile: scratch.path + "/site.yaml", atomically: true, encoding: .utf8)
        let output = try Command.run(
            "/usr/bin/unshare",
            [
                "-n", "bash", "-c", Self.script, "peers", scratch.path, Command.folder.path,
                Command.root.appendingPathComponent("devices").path,
            ])
        for kind in [
            "counter.opened", "ticket.issued", "ticket.called", "ticket.serving", "ticket.served", "meeting.started",
            "meeting.ended",
        ] {
            #expect(output.contains("\"kind\":\"\(kind)\""), "\(kind) is missing in:\n\(output.suffix(3_000))")
        }
        // Issued and called by each of the two systems, each once.
        for (number, count) in [("A007", 4), ("B001", 2)] {
            #expect(output.components(separatedBy: "\"number\":\"\(number)\"").count - 1 == count, "\(output)")
        }
        #expect(output.contains("q1"))
    }
}
