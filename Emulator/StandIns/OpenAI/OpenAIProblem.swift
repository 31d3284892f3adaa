/// An error as OpenAI words it: https://platform.openai.com/docs/guides/error-codes.
struct OpenAIProblem: Error, Equatable {
    var status: Int
    var type: String
    var code: String?
    var parameter: String?
    var message: String
    var retryAfterSeconds: Int?

    init(
        status: Int = 400, type: String = "invalid_request_error", code: String? = nil,
        parameter: String? = nil, _ message: String
    ) {
        self.status = status
        self.type = type
        self.code = code
        self.parameter = parameter
        self.message = message
    }

    static let tooLarge = OpenAIProblem(
        status: 413, type: "server_error",
        "413: Maximum content size limit (\(OpenAIStandIn.fileLimitBytes)) exceeded")

    static func unknownModel(_ name: String) -> OpenAIProblem {
        OpenAIProblem(
            status: 404, code: "model_not_found",
            "The model `\(name)` does not exist or you do not have access to it.")
    }

    static func tooMany(retryAfterSeconds seconds: Int) -> OpenAIProblem {
        var problem = OpenAIProblem(
            status: 429, type: "requests", code: "rate_limit_exceeded",
            "Rate limit reached: too many requests at once. Please try again in \(seconds)s.")
        problem.retryAfterSeconds = seconds
        return problem
    }

    var answer: Answer {
        let body: JSON = [
            "error": [
                "message": .string(message), "type": .string(type), "param": JSON(parameter),
                "code": JSON(code),
            ]
        ]
        let answer = Answer.json(status, body)
        return retryAfterSeconds.map { answer.adding("retry-after", String($0)) } ?? answer
    }
}
