import Foundation

/// `POST /v1/chat/completions`: the sentences of the last user message that say most of it.
struct ChatEndpoint: Sendable {
    let models: [String]
    let now: @Sendable () -> Date

    private static let usualWords = 120
    private static let roles: Set = ["system", "developer", "user", "assistant"]
    private static let parameters: Set = [
        "model", "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "n", "stream",
        "seed", "user", "presence_penalty", "frequency_penalty", "response_format", "store", "metadata",
        "reasoning_effort", "safety_identifier",
    ]

    func answer(_ call: Call) throws(OpenAIProblem) -> Answer {
        let body = try body(call)
        guard let model = body["model"].string else {
            throw OpenAIProblem("you must provide a model parameter")
        }
        guard models.contains(model) else { throw .unknownModel(model) }
        let messages = try messages(body)
        guard let text = messages.last(where: { $0.role == "user" })?.text else {
            throw OpenAIProblem(parameter: "messages", "There is no user message.")
        }
        let limit = body["max_completion_tokens"].integer ?? body["max_tokens"].integer
        let instructions = messages.filter { $0.role == "system" || $0.role == "developer" }.map(\.text)
        let words = Self.words(tokens: limit, instructions: instructions.joined(separator: "\n"))
        let summary = ExtractiveSummary(of: text, words: words).text
        let prompt = messages.reduce(0) { $0 + Self.tokens(in: $1.text) }
        let completion = Self.tokens(in: summary)
        return .json(
            200,
            [
                "id": .string(RandomID.make("chatcmpl-", length: 29)), "object": "chat.completion",
                "created": .integer(Int(now().timeIntervalSince1970)), "model": .string(model),
                "choices": [
                    [
                        "index": 0, "finish_reason": "stop", "logprobs": nil,
                        "message": [
                            "role": "assistant", "content": .string(summary), "refusal": nil,
                            "annotations": [],
                        ],
                    ]
                ],
                "usage": [
                    "prompt_tokens": .integer(prompt), "completion_tokens": .integer(completion),
                    "total_tokens": .integer(prompt + completion),
                ],
                "service_tier": "default", "system_fingerprint": "fp_earshelf",
            ])
    }

    private func body(_ call: Call) throws(OpenAIProblem) -> JSON {
        guard let body = try? JSON(parsing: call.body), case .object(let members) = body else {
            throw OpenAIProblem("We could not parse the JSON body of your request.")
        }
        if let odd = members.keys.filter({ !Self.parameters.contains($0) }).min() {
            throw OpenAIProblem(
                code: "unknown_parameter", parameter: odd, "Unknown parameter: '\(odd)'.")
        }
        if body["stream"] == true {
            throw OpenAIProblem(parameter: "stream", "This stand-in does not stream.")
        }
        if let number = body["n"].integer, number != 1 {
            throw OpenAIProblem(parameter: "n", "This stand-in makes one choice.")
        }
        if let kind = body["response_format"]["type"].string, kind != "text" {
            throw OpenAIProblem(parameter: "response_format", "This stand-in answers in text alone.")
        }
        for name in ["max_tokens", "max_completion_tokens"] where !body[name].isNull {
            guard let limit = body[name].integer, limit >= 1 else {
                throw OpenAIProblem(parameter: name, "\(name) is a whole number from 1 on.")
            }
        }
        return body
    }

    private func messages(_ body: JSON) throws(OpenAIProblem) -> [(role: String, text: String)] {
        let given = body["messages"].elements
        guard !given.isEmpty else {
            throw OpenAIProblem(
                code: "missing_required_parameter", parameter: "messages",
                "Missing required parameter: 'messages'.")
        }
        var messages: [(role: String, text: String)] = []
        for (index, message) in given.enumerated() {
            guard let role = message["role"].string, Self.roles.contains(role) else {
                throw OpenAIProblem(
                    code: "invalid_value", parameter: "messages[\(index)].role", "Invalid role.")
            }
            let parts = message["content"].elements.filter { $0["type"] == "text" }.compactMap {
                $0["text"].string
            }
            guard
                let text = message["content"].string ?? (parts.isEmpty ? nil : parts.joined(separator: "\n"))
            else {
                throw OpenAIProblem(
                    code: "invalid_type", parameter: "messages[\(index)].content",
                    "Invalid type for 'messages[\(index)].content': expected text.")
            }
            messages.append((role, text))
        }
        return messages
    }

    /// What the instructions ask for ("at most 80 words"), within the limit of tokens.
    private static func words(tokens: Int?, instructions: String) -> Int {
        let asked = instructions.firstMatch(of: /(\d{1,4}) words/).flatMap { Int($0.1) } ?? usualWords
        return max(1, min(asked, tokens.map { $0 * 3 / 4 } ?? asked))
    }

    /// About four letters each, as English has it.
    private static func tokens(in text: String) -> Int { (text.utf8.count + 3) / 4 }
}
