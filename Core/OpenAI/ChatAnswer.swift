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

    /// https://platform.openai.com/docs/api-reference/chat/object. Compatible servers may leave it out.
    struct Usage: Decodable {
        let promptTokens: Int?
        let completionTokens: Int?

        private enum CodingKeys: String, CodingKey {
            case promptTokens = "prompt_tokens"
            case completionTokens = "completion_tokens"
        }

        /// What is written is not thrown away for how it is counted.
        init(from decoder: any Decoder) {
            let fields = try? decoder.container(keyedBy: CodingKeys.self)
            promptTokens = try? fields?.decode(Int.self, forKey: .promptTokens)
            completionTokens = try? fields?.decode(Int.self, forKey: .completionTokens)
        }
    }

    let model: String?
    let choices: [Choice]
    let usage: Usage?

    /// Only what was written to its end: half a summary is none.
    func writing(by asked: String, for price: WritingPrice) throws(OutsideFailure) -> Writing {
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
        return Writing(model: model ?? asked, text: text, cost: cost(for: price))
    }

    private func cost(for price: WritingPrice) -> WritingCost {
        // More than any context holds is a slip of the server's, and not to be paid for.
        let possible = 0...100_000_000
        let read = usage?.promptTokens ?? 0, written = usage?.completionTokens ?? 0
        return price.cost(
            tokensRead: possible.contains(read) ? read : 0,
            tokensWritten: possible.contains(written) ? written : 0)
    }
}
