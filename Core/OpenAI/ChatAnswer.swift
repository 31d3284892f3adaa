internal import Bookshop

/// A chat completion, as far as we read it.
struct ChatAnswer: Decodable {
    struct Choice: Decodable {
        struct Message: Decodable {
            let content: String?
            let refusal: String?
        }
        let message: Message
        let finishReason: String?

        private enum CodingKeys: String, CodingKey {
            case message
            case finishReason = "finish_reason"
        }
    }

    let model: String?
    let choices: [Choice]

    /// Only what was written to its end: half a summary is none.
    func writing(by asked: String) throws(OutsideFailure) -> Writing {
        guard let choice = choices.first else {
            throw OutsideFailure("openai", .unavailable, code: "empty", reason: "nothing was written")
        }
        guard choice.message.refusal == nil else {
            throw OutsideFailure("openai", .refused, code: "refusal", reason: "the model will not write this")
        }
        switch choice.finishReason {
        case nil, "stop": break
        case let reason?:
            throw OutsideFailure(
                "openai", .refused, code: reason, reason: "the model stopped before the end")
        }
        guard let text = choice.message.content, !text.allSatisfy(\.isWhitespace) else {
            throw OutsideFailure("openai", .unavailable, code: "empty", reason: "nothing was written")
        }
        return Writing(model: model ?? asked, text: text)
    }
}
