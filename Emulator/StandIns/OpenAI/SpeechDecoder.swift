import CPocketSphinx
import Foundation
import Synchronization

/// A word as it was heard, in seconds from the start of the recording.
struct SpokenWord: Hashable, Sendable {
    var text: String
    var start: Double
    var end: Double
    /// The natural logarithm of how likely it was this word and no other.
    var logProbability: Double
}

/// One recogniser of PocketSphinx with its models, and the one thread that uses it.
final class SpeechDecoder: @unchecked Sendable {
    // Unchecked: `pointer` is used on `queue` alone, which runs one thing at a time.
    private var pointer: OpaquePointer?
    private let queue = DispatchQueue(label: "earshelf.speech", qos: .userInitiated)
    private let model: URL

    struct CannotLoad: Error, CustomStringConvertible {
        var path: String
        var description: String { "PocketSphinx cannot load the models in \(path)." }
    }

    init(model: URL) { self.model = model }

    deinit { if let pointer { ps_free(pointer) } }

    func words(in samples: ArraySlice<Int16>) async throws -> [SpokenWord] {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in
                continuation.resume(with: Result { try recognised(samples) })
            }
        }
    }

    private func recognised(_ samples: ArraySlice<Int16>) throws -> [SpokenWord] {
        let decoder = try pointer ?? load()
        pointer = decoder
        let offset = Double(samples.startIndex) / Double(AudioDecoder.samplesPerSecond)
        // Or what was heard before would be taken for the noise behind this.
        guard ps_start_stream(decoder) == 0, ps_start_utt(decoder) == 0 else {
            throw CannotLoad(path: model.path)
        }
        _ = samples.withUnsafeBufferPointer { buffer in
            // A whole utterance at once: the levels are then normalised over all of it.
            ps_process_raw(decoder, buffer.baseAddress, buffer.count, 0, 1)
        }
        ps_end_utt(decoder)
        var words: [SpokenWord] = []
        var segment = ps_seg_iter(decoder)
        while let current = segment {
            if let word = word(of: current, decoder, offset: offset) { words.append(word) }
            segment = ps_seg_next(current)
        }
        return words
    }

    /// Silence and noise stand in angle or square brackets; `the(2)` is a second pronunciation of `the`.
    private func word(of segment: OpaquePointer, _ decoder: OpaquePointer, offset: Double) -> SpokenWord? {
        guard let name = ps_seg_word(segment).map({ String(cString: $0) }),
            let first = name.first, !"<[+".contains(first)
        else { return nil }
        var (start, end) = (Int32(0), Int32(0))
        ps_seg_frames(segment, &start, &end)
        let probability = ps_seg_prob(segment, nil, nil, nil)
        return SpokenWord(
            text: String(name.prefix { $0 != "(" }), start: offset + Double(start) / 100,
            end: offset + Double(end + 1) / 100,
            logProbability: min(0, logmath_log_to_ln(ps_get_logmath(decoder), probability)))
    }

    /// One after the other: the library's setting-up is not made for threads, only what it sets up is.
    private static let loading = Mutex(())

    private func load() throws -> OpaquePointer {
        let address = try Self.loading.withLock { _ in UInt(bitPattern: try loaded()) }
        guard let decoder = OpaquePointer(bitPattern: address) else { throw CannotLoad(path: model.path) }
        return decoder
    }

    private func loaded() throws -> OpaquePointer {
        let configuration = earshelf_sphinx_config(
            model.appending(path: "en-us").path, model.appending(path: "en-us.lm.bin").path,
            model.appending(path: "cmudict-en-us.dict").path)
        guard let configuration else { throw CannotLoad(path: model.path) }
        // The decoder keeps its own hold on it.
        defer { cmd_ln_free_r(configuration) }
        guard let decoder = ps_init(configuration) else { throw CannotLoad(path: model.path) }
        return decoder
    }
}
