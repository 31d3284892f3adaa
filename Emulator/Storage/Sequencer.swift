import Foundation
import Groundwork

/// Numbers that only grow, whatever the clock does and however the process ends.
struct Sequencer {
    private let path: String
    private var last: UInt64
    private var reserved: UInt64

    /// Numbers are reserved in the file a stretch at a time; a crash loses at most what is left of one.
    private static let stretch: UInt64 = 10_000

    init(path: String) throws(SystemFault) {
        self.path = path
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        last = UInt64(text) ?? 0
        reserved = last
    }

    mutating func next() throws(SystemFault) -> UInt64 {
        if last == reserved {
            try Durable.write(Data(String(reserved + Self.stretch).utf8), to: path)
            reserved += Self.stretch
        }
        last += 1
        return last
    }

    /// Sixteen digits: of one length, they compare as texts.
    static func text(_ number: UInt64) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
