/// A stretch of a recording as speech services hear it: one channel, 16,000 samples a second, each of them 16 bits,
/// little-endian (linear PCM).
public struct Sound: Hashable, Sendable {
    public static let samplesPerSecond = 16_000
    public static let bytesPerSecond = 2 * samplesPerSecond

    /// When it begins in its file.
    public let startMilliseconds: Int
    public let bytes: [UInt8]

    public init(startMilliseconds: Int, bytes: [UInt8]) {
        precondition(bytes.count.isMultiple(of: 2), "a sample has two bytes")
        (self.startMilliseconds, self.bytes) = (startMilliseconds, bytes)
    }

    public var span: Span {
        Span(
            startMilliseconds: startMilliseconds,
            endMilliseconds: startMilliseconds + bytes.count * 1000 / Self.bytesPerSecond)
    }

    /// The middle of the quietest 300 milliseconds of a span, of several those nearest to its own middle. Nothing is
    /// taken for silence: rooms hum, and music plays on.
    public func quietestMoment(in span: Span) -> Int {
        let middle = (span.startMilliseconds + span.endMilliseconds) / 2
        let energies = energies(in: span)
        guard energies.count >= Self.pauseFrames else { return middle }
        var energy = energies[..<Self.pauseFrames].reduce(0, +)
        var best = (energy: Int.max, distance: Int.max, moment: middle)
        for first in 0...(energies.count - Self.pauseFrames) {
            if first > 0 { energy += energies[first + Self.pauseFrames - 1] - energies[first - 1] }
            let moment =
                span.startMilliseconds + (2 * first + Self.pauseFrames) * Self.frameMilliseconds / 2
            let distance = abs(moment - middle)
            if (energy, distance) < (best.energy, best.distance) { best = (energy, distance, moment) }
        }
        return best.moment
    }

    private static let frameMilliseconds = 10
    private static let pauseFrames = 30

    /// How loud each ten milliseconds are: the sum of the squares.
    private func energies(in span: Span) -> [Int] {
        let part = range(of: span)
        return stride(from: part.lowerBound, to: part.upperBound, by: Self.frameBytes).compactMap { frame in
            guard frame + Self.frameBytes <= part.upperBound else { return nil }
            return stride(from: frame, to: frame + Self.frameBytes, by: 2).reduce(0) { sum, place in
                let sample = Int(Int16(bitPattern: UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8))
                return sum + sample * sample
            }
        }
    }

    private static let frameBytes = bytesPerSecond * frameMilliseconds / 1000

    /// Where a span lies among the bytes, as far as there is sound of it.
    func range(of span: Span) -> Range<Int> {
        func place(_ moment: Int) -> Int {
            min(bytes.count, max(0, moment - startMilliseconds) * (Self.bytesPerSecond / 1000))
        }
        return place(span.startMilliseconds)..<place(span.endMilliseconds)
    }
}

extension Sound {
    /// What is heard of a span as a WAV file: a RIFF of the chunks `fmt ` and `data` (Multimedia Programming Interface
    /// and Data Specifications 1.0, IBM and Microsoft, 1991).
    public func wave(of span: Span) -> [UInt8] {
        let samples = bytes[range(of: span)]
        var file: [UInt8] = []
        func append(_ number: Int, bytes: Int) {
            file += (0..<bytes).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
        file += "RIFF".utf8
        append(36 + samples.count, bytes: 4)
        file += "WAVEfmt ".utf8
        append(16, bytes: 4)
        // Of PCM, one channel.
        append(1, bytes: 2)
        append(1, bytes: 2)
        append(Self.samplesPerSecond, bytes: 4)
        append(Self.bytesPerSecond, bytes: 4)
        // So many bytes and bits a sample.
        append(2, bytes: 2)
        append(16, bytes: 2)
        file += "data".utf8
        append(samples.count, bytes: 4)
        return file + samples
    }
}
