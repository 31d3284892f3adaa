import Bookshop
import HTTP
import OpenAI
import Testing

@Suite struct WriterTests {
    private let task = WritingTask(
        instructions: "Sum it up.", text: "Once \"upon\"\na/time", maximumTokens: 400)

    private func write(_ body: String, status: Int = 200) throws -> Writing {
        try Writer.openAI(key: "sk-1", base: "https://x/v1", model: "gpt-asked") { _ throws(Failure) in
            Response(status: status, body: Array(body.utf8))
        }.write(task)
    }

    @Test func `instructions and text are two messages`() {
        #expect(
            OpenAIAPI(key: "sk-1").chat(task, model: "gpt-1").description == #"""
                POST https://api.openai.com/v1/chat/completions
                Authorization: •••
                Content-Type: application/json

                {"max_completion_tokens":400,"messages":[{"content":"Sum it up.","role":"system"},\#
                {"content":"Once \"upon\"\na/time","role":"user"}],"model":"gpt-1"}
                """#)
    }

    @Test func `what was written is read, and by which model`() throws {
        let writing = try write(
            """
            {"id":"c","object":"chat.completion","model":"gpt-1-2026","choices":[{"index":0,"message":
            {"role":"assistant","content":"A tale.","refusal":null},"finish_reason":"stop"}],"usage":
            {"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100}}
            """)
        let cost = WritingCost(calls: 1, tokensRead: 1000, tokensWritten: 100, nanodollars: 210_000)
        #expect(writing == Writing(model: "gpt-1-2026", text: "A tale.", cost: cost))
        #expect(try write(#"{"choices":[{"message":{"content":"x"}}]}"#).model == "gpt-asked")
    }

    @Test(arguments: [
        "", #","usage":{}"#, #","usage":null"#, #","usage":7"#,
        #","usage":{"prompt_tokens":-1,"completion_tokens":9e17}"#,
        #","usage":{"prompt_tokens":"many","completion_tokens":0.5}"#,
    ])
    func `a service that does not tell its tokens is counted by its calls`(usage: String) throws {
        let writing = try write(#"{"choices":[{"message":{"content":"x"}}]\#(usage)}"#)
        #expect(writing.cost == WritingCost(calls: 1, tokensRead: 0, tokensWritten: 0, nanodollars: 0))
    }

    @Test(arguments: [
        (#"{"choices":[]}"#, "empty"), (#"{"choices":[{"message":{"content":null}}]}"#, "empty"),
        (#"{"choices":[{"message":{"content":" \n"},"finish_reason":"stop"}]}"#, "empty"),
        (#"{"choices":[{"message":{"content":"half"},"finish_reason":"length"}]}"#, "length"),
        (#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#, "content_filter"),
        (#"{"choices":[{"message":{"refusal":"I cannot"},"finish_reason":"stop"}]}"#, "refusal"),
        ("{}", "wrong-shape"), (#"{"choices":[{}]}"#, "wrong-shape"), ("[]", "no-json"), ("", "empty"),
    ])
    func `what is no whole text has a name`(body: String, code: String) throws {
        let failure = #expect(throws: OutsideFailure.self) { try write(body) }
        #expect(failure?.code == code)
    }
}
