import Testing
import Wire

@testable import Domain

/// The program of a row of checks says what its checks say, and captures what they capture.
struct CheckProgramTests {
    private static let fields: [FieldName] = ["app", "text", "severity", FieldName("pair." + "a")]
    private static let words = ["", "a", "ab", "disk", "isk", "disk 7", "7", "HDD 7 error", "true", "queue/main/x"]
    private static let patterns = ["disk {n:int}", "{_}isk {n:int}", "queue/{b}/{c}", "HDD {n} error", "{all}"]

    private static func check(_ chance: inout SplitMix64, depth: Int) throws -> Check {
        let name = fields[chance.below(fields.count)]
        let word = words[chance.below(words.count)]
        switch chance.below(depth > 0 ? 11 : 8) {
        case 0: return .equals(name, word)
        case 1: return .oneOf(.field(name), [word, words[chance.below(words.count)]])
        case 2: return .prefix(.field(name), Array(word.utf8))
        case 3: return .suffix(.field(name), Array(word.utf8))
        case 4: return .contains(.field(name), Array(word.utf8))
        case 5: return .present(.field(name), chance.below(2) == 0)
        case 6:
            let pattern = try Pattern(patterns[chance.below(patterns.count)])
            return .pattern(.field(name), pattern, pattern.holes.map { $0.name == "_" ? nil : chance.below(3) })
        case 7:
            switch chance.below(3) {
            case 0: return .range(.field(name), 0, 8)
            case 1: return .contains(.captured(chance.below(3)), Array(word.utf8))
            default: return .oneOf(.captured(chance.below(3)), [word])
            }
        case 8: return .all(try checks(&chance, depth: depth - 1))
        case 9: return .any(try checks(&chance, depth: depth - 1))
        default: return .not(try checks(&chance, depth: depth - 1))
        }
    }

    private static func checks(_ chance: inout SplitMix64, depth: Int) throws -> [Check] {
        var out: [Check] = []
        for _ in 0..<chance.below(5) { out.append(try check(&chance, depth: depth)) }
        return out
    }

    private static func message(_ chance: inout SplitMix64) -> Message {
        var message = Message(.syslog)
        for name in fields where chance.below(4) > 0 {
            switch chance.below(5) {
            case 0: message.add(name, integer: 7)
            case 1: message.add(name, boolean: true)
            default: message.add(name, text: words[chance.below(words.count)])
            }
        }
        return message
    }

    @Test(arguments: UInt64(1)...20) func `a program holds where its checks hold`(seed: UInt64) throws {
        var chance = SplitMix64(seed: seed)
        var held = 0
        for _ in 0..<200 {
            let checks = try Self.checks(&chance, depth: 3)
            var program = CheckProgram()
            _ = program.add([.equals("app", "other")])
            let row = program.add(checks)
            #expect(row.isEmpty == checks.isEmpty)
            for _ in 0..<10 {
                let message = Self.message(&chance)
                var plain = Reading(message: message, captureCount: 3)
                var compiled = plain
                let isSo = checks.allSatisfy { $0.holds(&plain) }
                let isAlso = program.holds(row, message, &compiled)
                #expect(isSo == isAlso, "\(checks) of \(message.fields)")
                #expect(plain.captured == compiled.captured)
                if isSo { held += 1 }
            }
        }
        #expect((100...1_900).contains(held))
    }
}
