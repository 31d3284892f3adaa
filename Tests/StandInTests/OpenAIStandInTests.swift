import Foundation
import Testing

@testable import StandIns

@Suite struct OpenAIStandInTests {
    @Test func `a wrong key is refused`() async throws {
        try await withOpenAI { shop in
            var stranger = shop
            stranger.key = "sk-wrong-key"
            let reply = try await stranger.get("models")
            #expect(reply.status == 401)
            #expect(reply.json["error"]["code"] == "invalid_api_key")
            #expect(!reply.text.contains("sk-wrong-key"))
            #expect(try await send("GET", "\(shop.address)/v1/models").status == 401)
        }
    }

    @Test func `faults that were asked for befall requests, in their turn and as often`() async throws {
        try await withOpenAI { shop in
            func set(_ faults: String) async throws -> Reply {
                try await send("PUT", "\(shop.address)/faults", body: Array(faults.utf8))
            }
            func chat() async throws -> Reply {
                try await shop.chat([
                    "model": "gpt-4o-mini", "messages": [["role": "user", "content": "It rains. It pours."]],
                ])
            }
            #expect(
                try await set(
                    """
                    [{"kind": "status", "status": 429, "retryAfterSeconds": 7, "every": 2, "times": 1},
                    {"kind": "half", "times": 1}, {"kind": "status", "path": "/transcriptions"}]
                    """
                ).status == 200)
            let cut = try await chat()
            #expect(cut.status == 200 && (try? JSON(parsing: cut.body)) == nil)
            let throttled = try await chat()
            #expect(throttled.status == 429 && throttled.headers["retry-after"] == "7")
            #expect(try await chat().status == 200)
            let report = try await send("GET", "\(shop.address)/faults").json
            #expect(report["asked"] == 3 && report["answered"]["/v1/chat/completions"] == 1)
            #expect(report["befallen"]["half"] == 1 && report["befallen"]["status"] == 1)
            #expect(try await set(#"[{"kind": "other-language"}]"#).status == 200)
            let russian = try await chat()
            let written = russian.json["choices"].elements.first?["message"]["content"].string
            #expect(russian.status == 200 && written?.hasPrefix("Ит") == true)
            for wrong in [
                "", "{}", "[{}]", #"[{"kind": "late", "when": 3}]"#, #"[{"kind": "status", "status": 200}]"#,
            ] {
                #expect(try await set(wrong).status == 400)
            }
            #expect(try await set("[]").json["faults"] == 0)
        }
    }

    @Test func `the models are listed`() async throws {
        try await withOpenAI { shop in
            let models = try await shop.get("models").json["data"].elements.compactMap { $0["id"].string }
            #expect(models.contains("whisper-1") && models.contains("gpt-4o-mini"))
            #expect(try await shop.get("models/whisper-1").json["id"] == "whisper-1")
            #expect(try await shop.get("models/none").status == 404)
            #expect(try await shop.get("nothing").json["error"]["code"] == "unknown_url")
        }
    }

    @Test(
        arguments: [
            ("speech.wav", "whisper-9", [], 404, "model_not_found", nil),
            ("speech.wav", nil, [], 400, nil, "model"),
            ("speech.txt", "whisper-1", [], 400, nil, "file"),
            ("speech.wav", "whisper-1", [("language", "de")], 400, "invalid_language_format", "language"),
            ("speech.wav", "whisper-1", [("response_format", "xml")], 400, nil, "response_format"),
            (
                "speech.wav", "whisper-1", [("timestamp_granularities[]", "word")], 400, nil,
                "timestamp_granularities"
            ),
            ("speech.wav", "whisper-1", [("temperature", "2")], 400, nil, "temperature"),
            ("speech.wav", "whisper-1", [("colour", "red")], 400, nil, "colour"),
            ("speech.wav", "whisper-1", [], 400, "invalid_value", "file"),
        ] as [(String, String?, [(String, String)], Int, String?, String?)])
    func `a wrong transcription is refused in OpenAI's shape`(
        name: String, model: String?, fields: [(String, String)], status: Int, code: String?,
        parameter: String?
    ) async throws {
        try await withOpenAI { shop in
            let reply = try await shop.transcribe(Array("no audio".utf8), named: name, fields, model: model)
            #expect(reply.status == status)
            #expect(reply.json["error"]["code"].string == code)
            #expect(reply.json["error"]["param"].string == parameter)
            #expect(reply.json["error"]["message"].string != nil)
        }
    }

    @Test func `a playlist leads nowhere`() async throws {
        try await withOpenAI { shop in
            let playlist =
                "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
            let reply = try await shop.transcribe(Array(playlist.utf8))
            #expect(reply.status == 400)
            #expect(reply.json["error"]["code"] == "invalid_value")
        }
    }

    @Test func `25 MiB is the limit of a file`() async throws {
        try await withOpenAI { shop in
            let limit = 25 << 20
            let whole = try await shop.transcribe([UInt8](repeating: 0, count: limit))
            #expect(whole.status == 400)
            let more = try await shop.transcribe([UInt8](repeating: 0, count: limit + 1))
            #expect(more.status == 413)
            #expect(
                more.json["error"]["message"].string?.hasPrefix("413: Maximum content size limit") == true)
            let muchMore = try await shop.transcribe([UInt8](repeating: 0, count: limit + (2 << 20)))
            #expect(muchMore.status == 413)
        }
    }

    @Test func `what is too much at once is told to come again`() async throws {
        try await withOpenAI({ $0.requestLimit = 0 }) { shop in
            let reply = try await shop.chat(["model": "gpt-4o-mini", "messages": []])
            #expect(reply.status == 429)
            #expect(reply.json["error"]["code"] == "rate_limit_exceeded")
            #expect(reply.headers["retry-after"] == "1")
        }
    }

    @Test func `a summary is made of the text's own sentences, in their order`() async throws {
        try await withOpenAI { shop in
            let reply = try await shop.chat([
                "model": "gpt-4o-mini",
                "messages": [
                    ["role": "system", "content": "Summarise in at most 60 words."],
                    ["role": "user", "content": .string(Speech.alice)],
                ],
            ])
            #expect(reply.status == 200)
            let choice = reply.json["choices"][0]
            #expect(choice["finish_reason"] == "stop")
            let summary = try #require(choice["message"]["content"].string)
            #expect((5...60).contains(summary.split(separator: " ").count))
            let sentences = Speech.alice.split(separator: ". ").map { $0.split(separator: " ").prefix(4) }
            let places = sentences.map { summary.firstRange(of: $0.joined(separator: " "))?.lowerBound }
            #expect(places.contains { $0 != nil })
            #expect(places.compactMap { $0 } == places.compactMap { $0 }.sorted())
            let usage = reply.json["usage"]
            #expect(
                usage["total_tokens"].integer == usage["prompt_tokens"].integer! + usage["completion_tokens"]
                    .integer!)
        }
    }

    @Test(arguments: [
        ("", 0), ("word", 1), ("one two three four five", 3),
        (String(repeating: "the sea and the ship ", count: 400), 3),
    ])
    func `a summary keeps to its length`(text: String, mostWords: Int) {
        let summary = ExtractiveSummary(of: text, words: 3).text
        #expect(summary.split(separator: " ").count == mostWords)
    }

    @Test(
        arguments: [
            (["model": "gpt-4o-mini"], "messages"),
            (["model": "gpt-4o-mini", "messages": [["role": "robot", "content": "x"]]], "messages[0].role"),
            (["model": "gpt-4o-mini", "messages": [["role": "user", "content": 3]]], "messages[0].content"),
            (
                ["model": "gpt-4o-mini", "messages": [["role": "user", "content": "x"]], "stream": true],
                "stream"
            ),
            (
                ["model": "gpt-4o-mini", "messages": [["role": "user", "content": "x"]], "colour": 1],
                "colour"
            ),
            (
                ["model": "gpt-4o-mini", "messages": [["role": "user", "content": "x"]], "max_tokens": 0],
                "max_tokens"
            ),
        ] as [(JSON, String)])
    func `a wrong chat is refused in OpenAI's shape`(body: JSON, parameter: String) async throws {
        try await withOpenAI { shop in
            let reply = try await shop.chat(body)
            #expect(reply.status == 400)
            #expect(reply.json["error"]["type"] == "invalid_request_error")
            #expect(reply.json["error"]["param"].string == parameter)
        }
    }

    @Test func `missing models are named with what installs them`() {
        var configuration = OpenAIStandIn.Configuration()
        configuration.model = URL(fileURLWithPath: "/nowhere")
        let error = #expect(throws: OpenAIStandIn.ModelMissing.self) {
            try OpenAIStandIn(configuration, logger: quiet)
        }
        #expect(error?.description.contains("apt install pocketsphinx-en-us") == true)
    }
}
