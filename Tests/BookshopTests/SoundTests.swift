import Bookshop
import Testing

@Suite struct SoundTests {
    /// A loud tone of so many milliseconds, from a minute on, which is as quiet as said in between.
    private func sound(_ milliseconds: Int, quiet: [(Range<Int>, level: Int16)] = []) -> Sound {
        var bytes: [UInt8] = []
        for index in 0..<(milliseconds * 16) {
            let moment = 60_000 + index / 16
            let level = quiet.first { $0.0.contains(moment) }?.level ?? 9000
            let sample = UInt16(bitPattern: index / 20 % 2 == 0 ? level : -level)
            bytes += [UInt8(truncatingIfNeeded: sample), UInt8(truncatingIfNeeded: sample >> 8)]
        }
        return Sound(startMilliseconds: 60_000, bytes: bytes)
    }

    private let window = Span(startMilliseconds: 62_000, endMilliseconds: 66_000)

    @Test func `a cut falls into the pause nearest to where it was planned`() {
        let sound = sound(8000, quiet: [(62_500..<62_900, 0), (64_800..<65_400, 0)])
        #expect((64_950...65_250).contains(sound.quietestMoment(in: window)))
    }

    @Test func `a pause in which a room hums is one`() {
        let sound = sound(8000, quiet: [(63_000..<63_400, 80), (62_000..<66_000, 300)])
        #expect((63_150...63_250).contains(sound.quietestMoment(in: window)))
    }

    @Test func `a breath is none where there is a pause`() {
        let sound = sound(8000, quiet: [(63_900..<64_050, 0), (65_000..<65_300, 0)])
        #expect(sound.quietestMoment(in: window) == 65_150)
    }

    @Test func `a pause outside of the window is left alone`() {
        let sound = sound(8000, quiet: [(61_000..<62_000, 0), (66_000..<67_000, 0), (62_400..<62_700, 900)])
        #expect(sound.quietestMoment(in: window) == 62_550)
    }

    @Test func `where nothing differs, or nothing is heard, it stays where it was planned`() {
        #expect(sound(8000, quiet: [(60_000..<68_000, 0)]).quietestMoment(in: window) == 64_000)
        #expect(sound(100).quietestMoment(in: window) == 64_000)
        #expect(Sound(startMilliseconds: 60_000, bytes: []).quietestMoment(in: window) == 64_000)
    }

    @Test func `it is as long as it sounds`() {
        #expect(sound(1500).span == Span(startMilliseconds: 60_000, endMilliseconds: 61_500))
    }

    @Test func `a part of it is a WAV file`() {
        let wave = sound(1000).wave(of: Span(startMilliseconds: 60_250, endMilliseconds: 60_750))
        #expect(wave.count == 44 + 16_000)
        #expect(wave[..<4].elementsEqual("RIFF".utf8) && wave[8..<16].elementsEqual("WAVEfmt ".utf8))
        func number(_ place: Int) -> Int { (0..<4).reduce(0) { $0 | Int(wave[place + $1]) << (8 * $1) } }
        #expect(number(4) == wave.count - 8 && number(40) == 16_000)
        #expect(number(24) == 16_000 && number(28) == 32_000)
    }

    @Test func `of what there is no sound of, the file has none`() {
        let sound = sound(1000)
        #expect(sound.wave(of: Span(startMilliseconds: 60_900, endMilliseconds: 62_000)).count == 44 + 3200)
        #expect(sound.wave(of: Span(startMilliseconds: 0, endMilliseconds: 60_000)).count == 44)
    }
}
