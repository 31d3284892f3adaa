import Foundation

/// A few decoders, lent out one utterance at a time, so that one long recording does not shut out the others.
actor Recogniser {
    struct Heard: Hashable, Sendable {
        var utterance: Utterances.Utterance
        var words: [SpokenWord]
    }

    /// More is being heard than whoever asked would wait for.
    struct Busy: Error {}

    private var idle: [SpeechDecoder]
    private var waiting: [CheckedContinuation<SpeechDecoder, Never>] = []
    private var admitted = 0
    private let sampleLimit: Int

    /// `sampleLimit`: what is heard at once of all recordings together, unless one alone is longer.
    init(limit: Int, sampleLimit: Int, model: URL) {
        idle = (0..<limit).map { _ in SpeechDecoder(model: model) }
        self.sampleLimit = sampleLimit
    }

    /// In the order of the recording. What holds no word is left out. Throws `Busy` at once, or `CancellationError`
    /// soon after nobody waits any longer.
    nonisolated func words(in samples: [Int16]) async throws -> [Heard] {
        try await admit(samples.count)
        let heard: [Heard]
        do { heard = try await hear(samples) } catch {
            await dismiss(samples.count)
            throw error
        }
        await dismiss(samples.count)
        return heard
    }

    private nonisolated func hear(_ samples: [Int16]) async throws -> [Heard] {
        let utterances = Utterances.cut(samples)
        return try await withThrowingTaskGroup(of: (Int, Heard).self) { group in
            for (index, utterance) in utterances.enumerated() {
                group.addTask {
                    let words = try await self.recognise(samples[utterance.samples])
                    return (index, Heard(utterance: utterance, words: words))
                }
            }
            var heard: [(Int, Heard)] = []
            for try await one in group { heard.append(one) }
            return heard.sorted { $0.0 < $1.0 }.map(\.1).filter { !$0.words.isEmpty }
        }
    }

    private func admit(_ samples: Int) throws(Busy) {
        guard admitted == 0 || admitted + samples <= sampleLimit else { throw Busy() }
        admitted += samples
    }

    private func dismiss(_ samples: Int) { admitted -= samples }

    private func recognise(_ samples: ArraySlice<Int16>) async throws -> [SpokenWord] {
        let decoder = await borrow()
        defer { giveBack(decoder) }
        // Nobody waits any longer: the remaining utterances are not heard.
        try Task.checkCancellation()
        return try await decoder.words(in: samples)
    }

    private func borrow() async -> SpeechDecoder {
        if let decoder = idle.popLast() { return decoder }
        return await withCheckedContinuation { waiting.append($0) }
    }

    private func giveBack(_ decoder: SpeechDecoder) {
        if waiting.isEmpty { idle.append(decoder) } else { waiting.removeFirst().resume(returning: decoder) }
    }
}
