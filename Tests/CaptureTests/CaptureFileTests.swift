import Capture
import Foundation
import Testing
import Wire

struct CaptureFileTests {
    struct Got: Equatable {
        var time: Int64
        var link: UInt32
        var bytes: [UInt8]
        var original: Int
    }

    /// Reads bytes as if they were a file.
    static func read(_ bytes: [UInt8]) -> (frames: [Got], error: ParseError?) {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("deskwatch-\(UUID()).cap").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else { return ([], nil) }
        var frames: [Got] = []
        do {
            var file = try CaptureFile(path: path)
            while try file.next({ header, bytes in
                frames.append(
                    Got(
                        time: header.at.nanoseconds, link: header.link.rawValue,
                        bytes: bytes.withUnsafeBytes { Array($0) }, original: header.originalLength))
            }) {}
            return (frames, nil)
        } catch {
            return (frames, error as? ParseError)
        }
    }

    /// Numbers in one byte order.
    struct Writer {
        var isBig: Bool
        func four(_ value: UInt32) -> [UInt8] {
            let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
            return isBig ? bytes.reversed() : bytes
        }
        func two(_ value: UInt16) -> [UInt8] {
            let bytes = [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)]
            return isBig ? bytes.reversed() : bytes
        }
        func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
            let padded = body + [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
            let length = four(UInt32(12 + padded.count))
            return four(type) + length + padded + length
        }
        var section: [UInt8] { block(0x0A0D_0D0A, four(0x1A2B_3C4D) + two(1) + two(0) + four(.max) + four(.max)) }
        func interface(_ link: UInt16, options: [UInt8] = []) -> [UInt8] {
            block(1, two(link) + two(0) + four(0) + options)
        }
        func packet(_ interface: UInt32, _ units: UInt64, _ bytes: [UInt8]) -> [UInt8] {
            block(
                6,
                four(interface) + four(UInt32(units >> 32)) + four(UInt32(truncatingIfNeeded: units))
                    + four(UInt32(bytes.count)) + four(99) + bytes)
        }
        func pcap(_ magic: UInt32, minor: UInt16 = 4, link: UInt32 = 1) -> [UInt8] {
            four(magic) + two(2) + two(minor) + four(0) + four(0) + four(65_535) + four(link)
        }
    }

    @Test(arguments: [false, true])
    func `pcap is read in both byte orders and resolutions`(isBig: Bool) {
        let w = Writer(isBig: isBig)
        let record = w.four(7) + w.four(5) + w.four(3) + w.four(60) + [1, 2, 3]
        #expect(
            Self.read(w.pcap(0xA1B2_C3D4) + record).frames
                == [Got(time: 7_000_005_000, link: 1, bytes: [1, 2, 3], original: 60)])
        #expect(
            Self.read(w.pcap(0xA1B2_3C4D, link: 0xF000_0071) + record).frames
                == [Got(time: 7_000_000_005, link: 113, bytes: [1, 2, 3], original: 60)])
        let modified = w.four(7) + w.four(5) + w.four(3) + w.four(60) + [0, 0, 0, 2, 8, 0, 0, 0] + [1, 2, 3]
        #expect(Self.read(w.pcap(0xA1B2_CD34) + modified + modified).frames.map(\.bytes) == [[1, 2, 3], [1, 2, 3]])
        // Before version 2.3 the two lengths stood the other way round.
        let old = w.four(7) + w.four(5) + w.four(60) + w.four(3) + [1, 2, 3]
        #expect(Self.read(w.pcap(0xA1B2_C3D4, minor: 2) + old).frames.map(\.original) == [60])
    }

    @Test func `damage is named with its place, after the frames before it`() {
        let w = Writer(isBig: false)
        let record = w.four(7) + w.four(5) + w.four(3) + w.four(3) + [1, 2, 3]
        let start = w.pcap(0xA1B2_C3D4) + record
        for cut in 1..<record.count {
            let (frames, error) = Self.read(start + record.prefix(cut))
            #expect(frames.count == 1)
            #expect(error?.offset == 43 && error?.reason == .truncated)
        }
        let absurd = Self.read(start + w.four(7) + w.four(5) + w.four(0x7FFF_FFFF) + w.four(3) + [1])
        #expect(absurd.frames.count == 1 && absurd.error?.reason == .tooLarge)
        #expect(Self.read([]).error?.reason == .truncated)
        #expect(Self.read(Array("not a capture, but long enough".utf8)).error?.reason == .unsupported)
    }

    @Test(arguments: [false, true])
    func `pcapng has interfaces with clocks of their own`(isBig: Bool) {
        let w = Writer(isBig: isBig)
        func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
            w.two(code) + w.two(UInt16(value.count)) + value + [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
        }
        let hour = isBig ? [0, 0, 0, 0] + w.four(3_600) : w.four(3_600) + [0, 0, 0, 0]
        let bytes =
            w.section + w.interface(1) + w.interface(113, options: option(9, [9]))
            + w.interface(101, options: option(9, [0x80 | 10]) + option(14, hour) + option(0, []))
            + w.block(0x0BAD, [1, 2, 3, 4]) + w.packet(0, 2_000_001, [1]) + w.packet(1, 2_000_001, [2])
            + w.packet(2, 1_024 + 512, [3]) + w.block(3, w.four(1) + [4])
            + w.block(2, w.two(1) + w.two(0) + w.four(0) + w.four(9) + w.four(1) + w.four(1) + [5])
        let (frames, error) = Self.read(bytes)
        #expect(error == nil)
        #expect(frames.map(\.bytes) == [[1], [2], [3], [4], [5]])
        #expect(frames.map(\.link) == [1, 113, 101, 1, 113])
        #expect(frames.map(\.time) == [2_000_001_000, 2_000_001, 3_601_500_000_000, 3_601_500_000_000, 9])
        #expect(frames[0].original == 99)
    }

    @Test func `a second section may be of the other byte order and forgets the interfaces`() {
        let little = Writer(isBig: false)
        let big = Writer(isBig: true)
        let first = little.section + little.interface(1) + little.packet(0, 1, [1])
        let both = Self.read(first + big.section + big.interface(101) + big.packet(0, 2, [2]))
        #expect(both.frames.map(\.link) == [1, 101] && both.error == nil)
        let orphan = Self.read(first + big.section + big.packet(0, 2, [2]))
        #expect(orphan.frames.count == 1 && orphan.error?.offset == first.count + big.section.count)
    }

    @Test func `blocks that lie about their length are damage`() {
        let w = Writer(isBig: false)
        let start = w.section + w.interface(1) + w.packet(0, 1, [1])
        for length in [0, 4, 11, 13, 0x7FFF_FFFC] as [UInt32] {
            let (frames, error) = Self.read(start + w.four(6) + w.four(length) + [UInt8](repeating: 0, count: 40))
            #expect(frames.count == 1)
            #expect(error?.offset == start.count)
        }
        var wrongEnd = w.packet(0, 1, [1])
        wrongEnd[wrongEnd.count - 1] = 1
        #expect(Self.read(start + wrongEnd).frames.count == 1)
        // The frame is longer than its block.
        let liar = w.block(6, w.four(0) + w.four(0) + w.four(0) + w.four(500) + w.four(500) + [1, 2, 3, 4])
        #expect(Self.read(start + liar).error?.reason == .truncated)
    }

    @Test func `files larger than the buffer are read whole`() {
        let w = Writer(isBig: false)
        var bytes = w.pcap(0xA1B2_C3D4)
        let frame = [UInt8](repeating: 7, count: 40_000)
        for second in 0..<40 { bytes += w.four(UInt32(second)) + w.four(0) + w.four(40_000) + w.four(40_000) + frame }
        let (frames, error) = Self.read(bytes)
        #expect(error == nil && frames.count == 40)
        #expect(frames.allSatisfy { $0.bytes == frame })
        #expect(frames.map(\.time) == (0..<40).map { $0 * 1_000_000_000 })
    }

    @Test func `a missing file says so`() {
        #expect(throws: CaptureError.file(path: "/nonexistent", code: 2)) { _ = try CaptureFile(path: "/nonexistent") }
    }
}
