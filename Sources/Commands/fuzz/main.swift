// deskwatch-fuzz: libFuzzer over the decoders. FUZZ_TARGET names one (see `Target`); without it the first byte of
// each input chooses. `--targets` lists them; `--seeds DIR FILE…` writes first inputs (see `Seeds`). A `main.swift` that calls the driver, because SwiftPM renames an executable's `main`, which
// the usual entry point does not survive.

import Glibc
import Wire

@_extern(c) func LLVMFuzzerRunDriver(
    _ argc: UnsafeMutablePointer<Int32>,
    _ argv: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

let words = Array(CommandLine.arguments.dropFirst())
if words.first == "--targets" {
    for target in Target.allCases { print(target.rawValue) }
    exit(0)
}
if words.first == "--seeds", words.count > 1 {
    var seeds = Seeds(directory: words[1])
    for path in words.dropFirst(2) { seeds.add(path: path) }
    print("\(words[1]): \(seeds.count) inputs")
    exit(0)
}

let chosen: Target? = {
    guard let text = getenv("FUZZ_TARGET").map({ String(cString: $0) }), !text.isEmpty else { return nil }
    guard let target = Target(rawValue: text) else {
        print("unknown FUZZ_TARGET '\(text)'; known: \(Target.allCases.map(\.rawValue).joined(separator: ", "))")
        exit(64)
    }
    return target
}()

var argc = CommandLine.argc
var argv = CommandLine.unsafeArgv
exit(
    LLVMFuzzerRunDriver(&argc, &argv) { pointer, count in
        let input = Array(UnsafeBufferPointer(start: pointer, count: count))
        guard let first = input.first else { return 0 }
        if let chosen {
            chosen.run(input)
        } else {
            Target.allCases[Int(first) % Target.allCases.count].run(Array(input.dropFirst()))
        }
        return 0
    })
