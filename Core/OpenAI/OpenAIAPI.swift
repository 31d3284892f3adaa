public import Bookshop
internal import FoundationEssentials
public import HTTP

/// The requests the shop makes of OpenAI, or of any server that speaks its protocol, as values.
///
/// None is repeated on its own: each try is paid for, and whether to try again is for the job to say, which
/// keeps the book's budget.
public struct OpenAIAPI: Sendable {
    private let key: String
    private let base: String

    public init(key: String, base: String = "https://api.openai.com/v1") {
        (self.key, self.base) = (key, base)
    }

    /// https://platform.openai.com/docs/api-reference/audio/createTranscription. Never prompted with what was
    /// heard before, which a model would go on repeating. The boundary must not occur in the
    /// recording; without one it is made up.
    public func transcription(
        of recording: Recording, model: String, boundary: String? = nil
    ) -> Request {
        var form = Multipart(boundary: boundary ?? UUID().uuidString)
        form.add("model", model)
        if let language = recording.language.flatMap(SpokenLanguages.hint) { form.add("language", language) }
        form.add("response_format", "verbose_json")
        form.add("timestamp_granularities[]", "word")
        form.add("timestamp_granularities[]", "segment")
        form.add("temperature", "\(recording.temperature)")
        form.add("file", recording.bytes, fileName: recording.fileName, mediaType: recording.mediaType)
        return Request(
            "POST", base + "/audio/transcriptions", headers: [authorization, form.contentType],
            body: form.body, timeoutMilliseconds: 600_000, repeatable: false)
    }

    /// https://platform.openai.com/docs/api-reference/chat/create
    public func chat(_ task: WritingTask, model: String) -> Request {
        let question = ChatQuestion(
            model: model,
            messages: [
                .init(role: "system", content: task.instructions), .init(role: "user", content: task.text),
            ],
            maximumTokens: task.maximumTokens)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let body = try? encoder.encode(question) else {
            preconditionFailure("texts and a number are always JSON")
        }
        return Request(
            "POST", base + "/chat/completions",
            headers: [authorization, Header("Content-Type", "application/json")],
            body: Array(body), timeoutMilliseconds: 300_000, repeatable: false)
    }

    private var authorization: Header { Header("Authorization", "Bearer \(key)") }
}

private struct ChatQuestion: Encodable {
    struct Message: Encodable {
        let role: String
        let content: String
    }

    let model: String
    let messages: [Message]
    let maximumTokens: Int

    private enum CodingKeys: String, CodingKey {
        case model, messages
        case maximumTokens = "max_completion_tokens"
    }
}
