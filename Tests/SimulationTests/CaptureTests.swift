import Domain
import Foundation
import Testing

@testable import Simulation

/// The capture as a stranger would read it: by hand, and with tshark.
@Suite struct SimulatedCaptureTests {
    private func made(_ name: String, seed: UInt64) throws -> SimulatedDay {
        SimulatedDay(try TestScenarios.load(name), seed: seed, day: LocalDay(number: 20_767))
    }

    private func frames(_ capture: [UInt8]) -> [(at: Int64, bytes: ArraySlice<UInt8>)] {
        func little(_ offset: Int) -> Int { (0..<4).reduce(0) { $0 | Int(capture[offset + $1]) << (8 * $1) } }
        var out: [(at: Int64, bytes: ArraySlice<UInt8>)] = []
        var offset = 24
        while offset + 16 <= capture.count {
            let length = little(offset + 8)
            let at = Int64(little(offset)) * 1_000_000_000 + Int64(little(offset + 4))
            out.append((at, capture[offset + 16..<offset + 16 + length]))
            offset += 16 + length
        }
        return out
    }

    @Test func `the file is a nanosecond pcap in the order of time`() throws {
        let made = try made("tiny", seed: 1)
        #expect(Array(made.capture.prefix(4)) == [0x4D, 0x3C, 0xB2, 0xA1])
        let frames = frames(made.capture)
        #expect(frames.count == made.summary.frames)
        #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.at <= $1.at })
        #expect(frames.allSatisfy { $0.bytes.count >= 60 && $0.bytes.count <= 1_518 })
        #expect(frames.contains { Array($0.bytes.dropFirst(12).prefix(2)) == [0x81, 0x00] })
        #expect(frames.contains { Array($0.bytes.dropFirst(12).prefix(2)) == [0x86, 0xDD] })
    }

    @Test func `every IPv4, UDP and TCP checksum is right`() throws {
        var checked = 0
        for frame in frames(try made("tiny", seed: 2).capture) {
            let bytes = Array(frame.bytes)
            let start = bytes[12] == 0x81 ? 18 : 14
            guard bytes[start - 2] == 0x08, bytes[start - 1] == 0x00 else { continue }
            #expect(Array(bytes[start..<start + 20]).internetChecksum == 0)
            let total = Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])
            let proto = bytes[start + 9]
            guard proto == 6 || proto == 17 else { continue }
            var pseudo = Array(bytes[start + 12..<start + 20]) + [0, proto]
            pseudo.append16(total - 20)
            #expect((pseudo + bytes[start + 20..<start + total]).internetChecksum == 0)
            checked += 1
        }
        #expect(checked > 5_000)
    }

    @Test func `the frame that completes a message bears its time`() throws {
        let made = try made("tiny", seed: 4)
        let times = Set(frames(made.capture).map(\.at))
        for utterance in made.world.utterances {
            #expect(times.contains(utterance.at.milliseconds * 1_000_000))
        }
    }

    @Test(arguments: ["tiny", "hard"])
    func `tshark finds nothing malformed and no bad checksum`(name: String) throws {
        let program = ["/usr/bin/tshark", "/usr/local/bin/tshark"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        guard let program else {
            print("skipped: tshark is not installed")
            return
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("deskwatch-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try made(name, seed: 3).write(to: folder.path)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [
            "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
            "-r", folder.appendingPathComponent("capture.pcap").path,
            "-Y", "_ws.malformed || ip.checksum.status==0 || tcp.checksum.status==0 || udp.checksum.status==0",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(text.isEmpty, "\(text.prefix(500))")
    }
}
