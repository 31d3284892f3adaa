import Bookshop
import Foundation
import Testing

@Suite struct ContourTests {
    /// So many milliseconds of a tone, which swings so far of 1 and begins a minute into its file.
    private func tone(_ milliseconds: Int, hertz: Double, swing: Double) -> Sound {
        let bytes = (0..<milliseconds * 16).flatMap { index in
            let sample = swing * 32767 * sin(2 * .pi * hertz * Double(index) / 16_000)
            let bits = UInt16(bitPattern: Int16(sample))
            return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
        }
        return Sound(startMilliseconds: 60_000, bytes: bytes)
    }

    private func loudness(_ sounds: Sound...) -> Double? {
        Loudness(of: sounds.map { $0.contour(of: $0.span) }).map { 10 * log10($0.power) - 0.691 }
    }

    @Test func `a peak is told for each tenth of a second, and for what is left`() {
        let sound = tone(1250, hertz: 1000, swing: 0.5)
        #expect(sound.contour(of: sound.span).peaks == Array(repeating: 127, count: 13))
        let part = Span(startMilliseconds: 60_400, endMilliseconds: 60_600)
        #expect(sound.contour(of: part).peaks.count == 2)
    }

    @Test func `the deepest swing is a peak as high as any`() {
        let sound = Sound(startMilliseconds: 0, bytes: [0x00, 0x80, 0xFF, 0x7F])
        #expect(sound.contour(of: Span(startMilliseconds: 0, endMilliseconds: 1)).peaks == [255])
        #expect(Sound(startMilliseconds: 0, bytes: []).contour(of: sound.span).peaks.isEmpty)
    }

    @Test func `it is kept as bytes`() {
        let sound = tone(700, hertz: 300, swing: 0.2)
        let contour = sound.contour(of: sound.span)
        #expect(contour.bytes.count == 14)
        #expect(Contour(bytes: contour.bytes) == contour)
    }

    /// A tone of 997 Hz at full swing in one channel is -3.01 LUFS (ITU-R BS.1770-5, annex 1).
    @Test func `loudness is what the recommendation says of its tone`() throws {
        let full = try #require(loudness(tone(5000, hertz: 997, swing: 1)))
        #expect(abs(full + 3.01) < 0.2)
        let quiet = try #require(loudness(tone(5000, hertz: 997, swing: 0.1)))
        #expect(abs(quiet + 23.01) < 0.2)
        // What is low counts less, what is high counts more.
        let low = try #require(loudness(tone(5000, hertz: 40, swing: 0.1)))
        let high = try #require(loudness(tone(5000, hertz: 4000, swing: 0.1)))
        #expect(low < quiet - 3 && (2.5...4.5).contains(high - quiet))
    }

    /// Between two sentences nobody speaks: that makes no book quieter.
    @Test func `silence and what is far quieter do not count`() throws {
        let speech = tone(10_000, hertz: 997, swing: 0.1)
        let alone = try #require(loudness(speech))
        let hum = tone(20_000, hertz: 997, swing: 0.01)
        let beside = try #require(loudness(speech, hum, tone(60_000, hertz: 997, swing: 0)))
        #expect(abs(alone - beside) < 0.3)
        #expect(loudness(tone(5000, hertz: 997, swing: 0)) == nil)
        #expect(loudness(tone(300, hertz: 997, swing: 1)) == nil)
    }

    private func peaks(_ values: [UInt8]) -> Contour {
        Contour(bytes: values + Array(repeating: 0, count: values.count))
    }

    @Test func `a waveform has the highest peak of each of its places`() {
        let whole = Span(startMilliseconds: 0, endMilliseconds: 800)
        let contours = [(startMilliseconds: 0, contour: peaks([1, 9, 3, 4, 8, 2, 7, 5]))]
        #expect(Waveform(of: whole, count: 4, from: contours).peaks == [9, 4, 8, 7])
        #expect(Waveform(of: whole, count: 1, from: contours).peaks == [9])
        let near = Span(startMilliseconds: 150, endMilliseconds: 350)
        #expect(Waveform(of: near, count: 4, from: contours).peaks == [9, 3, 3, 4])
    }

    @Test func `what was not heard yet is told as such`() {
        let contours = [(startMilliseconds: 200, contour: peaks([5, 6])), (500, peaks([7]))]
        let whole = Span(startMilliseconds: 0, endMilliseconds: 600)
        #expect(Waveform(of: whole, count: 6, from: contours).peaks == [nil, nil, 5, 6, nil, 7])
        #expect(Waveform(of: whole, count: 2, from: []).peaks == [nil, nil])
        let none = Span(startMilliseconds: 5, endMilliseconds: 5)
        #expect(Waveform(of: none, count: 2, from: contours).peaks == [nil, nil])
    }

    @Test func `a whole book of many chunks is drawn`() {
        let chunk = peaks(Array(repeating: 200, count: 6000))
        let contours = (0..<60).map { (startMilliseconds: $0 * 600_000, contour: chunk) }
        let whole = Span(startMilliseconds: 0, endMilliseconds: 36_000_000)
        #expect(Waveform(of: whole, count: 2000, from: contours).peaks == Array(repeating: 200, count: 2000))
    }
}
