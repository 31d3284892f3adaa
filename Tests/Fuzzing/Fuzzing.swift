// Everything of ours that takes apart bytes somebody else chose, under libFuzzer:
//     ./build.sh fuzz parsers [--seconds N] [TARGET …]
// Nothing may trap or hang, whatever comes; and what was understood, written again, is understood alike.

import Foundation

/// Takes apart what it is given, whatever that is.
typealias Parser = @Sendable ([UInt8]) -> Void

/// What each target tries all of on each input; its corpus is the folder of its name.
private let targets: [String: [Parser]] = [
    "platform": platform, "storage": storage, "people": people, "providers": providers, "shop": shop,
    "emulator": emulator, "template": template,
]

private let chosen: [Parser] = {
    let name = ProcessInfo.processInfo.environment["TARGET"] ?? ""
    guard let parsers = targets[name] else {
        fatalError("TARGET is one of: \(targets.keys.sorted().joined(separator: " "))")
    }
    return parsers
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    for parser in chosen { parser(bytes) }
    return 0
}

/// A refusal is an answer.
func refusing<Value>(_ body: () throws -> Value) -> Value? { try? body() }

/// What was understood must be understood again from what it is written as.
func holds(_ condition: Bool, _ what: @autoclosure () -> String) {
    guard condition else { fatalError("does not come back as it went: \(what())") }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// A few texts out of one input: fuzzers put in the zeros that part them.
func texts(_ bytes: [UInt8], _ count: Int) -> [String] {
    let parts = bytes.split(separator: 0, maxSplits: count - 1, omittingEmptySubsequences: false).map {
        text(Array($0))
    }
    return parts + Array(repeating: "", count: count - parts.count)
}
