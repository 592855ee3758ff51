import Foundation
import Testing

/// The services as they are installed, under a systemd that was really booted.
@Suite struct UnitTests {
    @Test func `agent and collector do their work with every restriction of their units`() throws {
        let trial = try Command(
            "/bin/bash", [Command.root.appendingPathComponent("Sources/Install/try-units").path, Command.folder.path])
        let status = trial.wait()
        guard status != 77 else {
            print("skipped: \(trial.output)")
            return
        }
        #expect(status == 0, "\(trial.output)")
        let lines = trial.output.split(separator: "\n")
        #expect(lines.contains("CapEff:\t0000000000000000") && lines.contains("Seccomp:\t2"))
        #expect(lines.contains { $0.hasPrefix("trial ") && $0.contains(" served ") })
    }
}
