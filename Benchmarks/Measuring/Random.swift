import Foundation

/// The same numbers each time (SplitMix64).
public struct Random: RandomNumberGenerator {
    private var state: UInt64

    public init(state: UInt64) {
        self.state = state
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 1 to `many`; the first most often, as in Zipf's law.
    public mutating func zipf(_ many: Int) -> Int {
        min(many, Int(pow(Double(many + 1), Double.random(in: 0..<1, using: &self))))
    }

    public mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }

    /// As somebody mistypes it: two neighbouring letters swapped, or one left out.
    public mutating func slip(_ text: String) -> String {
        var letters = Array(text)
        let candidates = letters.indices.dropLast().filter {
            $0 > 0 && letters[$0] != " " && letters[$0 + 1] != " "
        }
        guard let place = candidates.randomElement(using: &self) else { return text }
        if chance(0.5) { letters.swapAt(place, place + 1) } else { letters.remove(at: place) }
        return String(letters)
    }
}
