import Foundation

/// A few decoders, lent out one utterance at a time, so that one long recording does not shut out the others.
actor Recogniser {
    struct Heard: Hashable, Sendable {
        var utterance: Utterances.Utterance
        var words: [SpokenWord]
    }

    private var idle: [SpeechDecoder]
    private var waiting: [CheckedContinuation<SpeechDecoder, Never>] = []

    init(limit: Int, model: URL) { idle = (0..<limit).map { _ in SpeechDecoder(model: model) } }

    /// In the order of the recording. What holds no word is left out.
    nonisolated func words(in samples: [Int16]) async throws -> [Heard] {
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
