public import Bookshop
internal import FoundationEssentials
public import HTTP

extension Speech {
    /// Speech by `audio/transcriptions`. The model must tell times, as `whisper-1` does.
    public static func openAI(key: String, base: String, model: String, send: @escaping Send) -> Speech {
        let api = OpenAIAPI(key: key, base: base)
        return Speech { recording in
            guard recording.bytes.count <= 25 << 20 else {
                throw OutsideFailure(
                    "openai", .refused, code: "too-large", reason: "more than 25 MiB of audio")
            }
            let body = try answer(to: api.transcription(of: recording, model: model), send)
            return try decoded(TranscriptionAnswer.self, body).spoken(by: model)
        }
    }
}

extension Writer {
    /// Writing by `chat/completions`.
    public static func openAI(
        key: String, base: String, model: String, price: WritingPrice = .standard, send: @escaping Send
    ) -> Writer {
        let api = OpenAIAPI(key: key, base: base)
        return Writer { task in
            let body = try answer(to: api.chat(task, model: model), send)
            return try decoded(ChatAnswer.self, body).writing(by: model, for: price)
        }
    }
}

private func answer(to request: Request, _ send: Send) throws(OutsideFailure) -> [UInt8] {
    let response: Response
    do throws(Failure) { response = try send(request) } catch {
        // Before there is a connection nothing was asked.
        let isAsked = error.kind != .connect && error.kind != .tls
        throw OutsideFailure("openai", isAsked ? .undecided : .unavailable, reason: error.reason)
    }
    guard (200..<300).contains(response.status) else { throw refusal(response) }
    guard !response.body.isEmpty else {
        throw OutsideFailure("openai", .undecided, code: "empty", reason: "the answer is empty")
    }
    return response.body
}

/// https://platform.openai.com/docs/guides/error-codes. A used-up quota answers 429 too, and waiting does not
/// fill it.
private func refusal(_ response: Response) -> OutsideFailure {
    let error = try? JSONDecoder().decode(ErrorAnswer.self, from: Data(response.body)).error
    let kind: OutsideFailure.Kind =
        switch response.status {
        case 429 where error?.code == "insufficient_quota": .refused
        case 429:
            .throttled(
                retryAfterSeconds: ((response.retryAfterMilliseconds(now: Date()) ?? 20_000) + 999) / 1000)
        case 408, 409: .unavailable
        case 400..<500: .refused
        default: .unavailable
        }
    let words = ["status \(response.status)", error?.type].compactMap { $0 }
    return OutsideFailure("openai", kind, code: error?.code, reason: words.joined(separator: ", "))
}

/// The message stays out: it may quote the key, or the text.
private struct ErrorAnswer: Decodable {
    struct Body: Decodable {
        let type: String?
        let code: String?

        private enum CodingKeys: String, CodingKey { case type, code }

        /// Compatible servers put numbers where OpenAI has words.
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            type = try? fields.decodeIfPresent(String.self, forKey: .type)
            code = try? fields.decodeIfPresent(String.self, forKey: .code)
        }
    }
    let error: Body
}

private func decoded<Answer: Decodable>(_: Answer.Type, _ body: [UInt8]) throws(OutsideFailure) -> Answer {
    do { return try JSONDecoder().decode(Answer.self, from: Data(body)) } catch {
        guard let error = error as? DecodingError, let path = error.path else {
            throw OutsideFailure("openai", .undecided, code: "no-json", reason: "the answer is no JSON")
        }
        throw OutsideFailure(
            "openai", .refused, code: OutsideFailure.wrongShape, reason: "\(path) is not what was expected")
    }
}

extension DecodingError {
    /// Nil when the whole is at fault.
    fileprivate var path: String? {
        let keys: [any CodingKey] =
            switch self {
            case .keyNotFound(let key, let context): context.codingPath + [key]
            case .typeMismatch(_, let context), .valueNotFound(_, let context): context.codingPath
            case .dataCorrupted(let context): context.codingPath
            @unknown default: []
            }
        return keys.isEmpty ? nil : keys.map(\.stringValue).joined(separator: ".")
    }
}
