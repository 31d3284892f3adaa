/// How loud a stretch of a recording is, ten times a second: for its waveform, and for its loudness.
public struct Contour: Hashable, Sendable {
    public static let frameMilliseconds = 100

    /// The furthest that the sound of each frame swings, of 255.
    public let peaks: [UInt8]
    /// The power of each frame as the ear weights it, in steps; 0 is silence.
    let levels: [UInt8]

    init(peaks: [UInt8], levels: [UInt8]) { (self.peaks, self.levels) = (peaks, levels) }

    /// As it is kept: all peaks, then all levels.
    public init(bytes: [UInt8]) {
        let middle = bytes.count / 2
        self.init(peaks: Array(bytes[..<middle]), levels: Array(bytes[middle...]))
    }

    public var bytes: [UInt8] { peaks + levels }

    /// Whether nobody can be heard: it is nowhere louder than 48 decibels below what is loudest. A reading's peaks
    /// are 40 above that, and the room it is read in 12 below (Audiobook Creation Exchange, submission requirements).
    public var isSilent: Bool { peaks.allSatisfy { $0 == 0 } }

    /// Each doubling of the power has so many levels, the lowest of which lies at 2 to the power of this, 105 decibels
    /// below what is loudest.
    private static let levelsOfOctave = 7
    private static let lowestExponent = -35

    static func level(ofPower power: Double) -> UInt8 {
        guard power > 0, Int(power.exponent) >= lowestExponent else { return 0 }
        let octave = Int(power.exponent) - lowestExponent
        let part = Int((power.significand - 1) * Double(levelsOfOctave))
        return UInt8(min(255, 1 + octave * levelsOfOctave + part))
    }

    /// The middle of what has this level.
    static func power(ofLevel level: UInt8) -> Double {
        guard level > 0 else { return 0 }
        let (octave, part) = (Int(level) - 1).quotientAndRemainder(dividingBy: levelsOfOctave)
        let significand = 1 + (Double(part) + 0.5) / Double(levelsOfOctave)
        return Double(sign: .plus, exponent: octave + lowestExponent, significand: significand)
    }
}

extension Sound {
    /// How loud a span is, from its beginning on; the last frame may be shorter than the others.
    public func contour(of span: Span) -> Contour {
        let part = range(of: span)
        let frameBytes = Self.bytesPerSecond * Contour.frameMilliseconds / 1000
        var peaks: [UInt8] = []
        var levels: [UInt8] = []
        var ear = Ear()
        bytes.withUnsafeBytes { all in
            var place = part.lowerBound
            while place < part.upperBound {
                let end = min(part.upperBound, place + frameBytes)
                let count = (end - place) / 2
                var swing: Int32 = 0
                var power = 0.0
                while place < end {
                    let bits = all.loadUnaligned(fromByteOffset: place, as: Int16.self)
                    let sample = Int32(Int16(littleEndian: bits))
                    swing = max(swing, abs(sample))
                    let heard = ear.hear(Double(sample) / 32768)
                    power += heard * heard
                    place += 2
                }
                peaks.append(UInt8(min(255, swing >> 7)))
                levels.append(Contour.level(ofPower: power / Double(count)))
            }
        }
        return Contour(peaks: peaks, levels: levels)
    }
}

/// The two filters that loudness is measured behind: the head, which lifts what is high, and then what the ear leaves
/// out of what is low (K-weighting, ITU-R BS.1770-5, annex 1). The recommendation has their coefficients for 48,000
/// samples a second; these are those of the same curves, by the bilinear transform, for 16,000.
private struct Ear {
    private var head = Filter(
        b: (1.4432952234913587, -1.8315753812604594, 0.6816587574119699),
        a: (-1.1015337691069944, 0.39491236874986363))
    private var low = Filter(b: (1, -2, 1), a: (-1.9702895280044335, 0.9705104905358434))

    mutating func hear(_ sample: Double) -> Double { low.pass(head.pass(sample)) }

    /// Of second order, in the transposed direct form II.
    private struct Filter {
        let b: (Double, Double, Double)
        let a: (Double, Double)
        private var first = 0.0
        private var second = 0.0

        init(b: (Double, Double, Double), a: (Double, Double)) { (self.b, self.a) = (b, a) }

        mutating func pass(_ sample: Double) -> Double {
            let passed = b.0 * sample + first
            first = b.1 * sample - a.0 * passed + second
            second = b.2 * sample - a.1 * passed
            return passed
        }
    }
}

/// How loud a recording is as a whole (ITU-R BS.1770-5, annex 1). Of one channel: what has two counts as their mean.
public struct Loudness: Hashable, Sendable {
    /// The mean square of what is heard of it, behind the filters.
    public let power: Double

    /// -70 LUFS.
    private static let leastPower = 1.1724653045822981e-07
    private static let framesOfBlock = 4

    /// Of blocks of 400 milliseconds, each 100 after the one before, those count that are above -70 LUFS, and of these
    /// those that are not 10 decibels below their mean. Nil where nothing is.
    public init?(of contours: [Contour]) {
        let frames = contours.flatMap { $0.levels.map(Contour.power(ofLevel:)) }
        guard frames.count >= Self.framesOfBlock else { return nil }
        let blocks = (Self.framesOfBlock...frames.count).map { end in
            frames[(end - Self.framesOfBlock)..<end].reduce(0, +) / Double(Self.framesOfBlock)
        }
        func mean(above least: Double) -> Double? {
            let counted = blocks.filter { $0 > least }
            return counted.isEmpty ? nil : counted.reduce(0, +) / Double(counted.count)
        }
        guard let mean = mean(above: Self.leastPower).flatMap({ mean(above: max(Self.leastPower, $0 / 10)) })
        else { return nil }
        power = mean
    }
}

/// The peaks of a span, as many as were asked for, at even distances. Nil where nothing has been heard yet.
public struct Waveform: Hashable, Sendable {
    public static let mostPeaks = 2000

    public let span: Span
    public private(set) var peaks: [UInt8?]

    public init(of span: Span, count: Int, from contours: [(startMilliseconds: Int, contour: Contour)]) {
        let length = span.durationMilliseconds
        self.span = span
        peaks = Array(repeating: nil, count: count)
        guard length > 0 else { return }
        for (start, contour) in contours {
            for (frame, peak) in contour.peaks.enumerated() {
                let begin = start + frame * Contour.frameMilliseconds - span.startMilliseconds
                let end = begin + Contour.frameMilliseconds
                guard end > 0, begin < length else { continue }
                let places = max(0, begin) * count / length...(min(end, length) - 1) * count / length
                for place in places { peaks[place] = max(peaks[place] ?? 0, peak) }
            }
        }
    }
}
