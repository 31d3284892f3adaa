import Foundation

/// Cuts a recording at its silences into pieces that a recogniser takes at once.
struct Utterances: Sendable {
    struct Utterance: Hashable, Sendable {
        var samples: Range<Int>
        /// The share of it that is silent.
        var silence: Double
    }

    /// 10 ms.
    private static let frame = AudioDecoder.samplesPerSecond / 100
    private static let longestFrames = 3000
    /// Shorter pieces would leave the language model without context.
    private static let shortestFrames = 300
    private static let pauseFrames = 25
    /// Twenty decibels under the speech, or little over the noise.
    private static let belowSpeech = 20.0
    private static let aboveNoise = 6.0

    static func cut(_ samples: [Int16]) -> [Utterance] {
        let levels = levels(of: samples)
        guard let threshold = threshold(levels) else { return [] }
        let isSilent = levels.map { $0 < threshold }
        var utterances: [Utterance] = []
        var start = 0
        while start < levels.count {
            let end = end(from: start, isSilent, levels)
            let silentCount = isSilent[start..<end].count { $0 }
            if silentCount < end - start {
                let range = start * frame..<min(end * frame, samples.count)
                utterances.append(
                    Utterance(samples: range, silence: Double(silentCount) / Double(end - start)))
            }
            start = end
        }
        return utterances
    }

    /// Decibels of each frame, 0 for the loudest there can be.
    private static func levels(of samples: [Int16]) -> [Double] {
        samples.withUnsafeBufferPointer { samples in
            stride(from: 0, to: samples.count, by: frame).map { start in
                var energy = 0.0
                let end = min(start + frame, samples.count)
                for index in start..<end {
                    let value = Double(samples[index])
                    energy += value * value
                }
                return 10 * log10(energy / Double(end - start) / (32768 * 32768) + 1e-10)
            }
        }
    }

    /// Nil where nothing is louder than a whisper of noise.
    private static func threshold(_ levels: [Double]) -> Double? {
        let sorted = levels.sorted()
        guard let loudest = sorted.last, loudest > -60 else { return nil }
        let noise = sorted[sorted.count / 20]
        let speech = sorted[sorted.count * 4 / 5]
        return min(max(speech - belowSpeech, noise + aboveNoise), speech)
    }

    /// The middle of the first pause that comes late enough; else the quietest frame before the limit.
    private static func end(from start: Int, _ isSilent: [Bool], _ levels: [Double]) -> Int {
        let limit = min(start + longestFrames, levels.count)
        var pause = start
        var index = start
        while index < limit {
            if !isSilent[index] {
                if index - pause >= pauseFrames, pause - start >= shortestFrames {
                    return (pause + index) / 2
                }
                pause = index + 1
            }
            index += 1
        }
        guard limit < levels.count else { return limit }
        let late = start + longestFrames * 2 / 3..<limit
        return late.min { levels[$0] < levels[$1] } ?? limit
    }
}
