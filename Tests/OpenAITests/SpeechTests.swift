import Bookshop
import HTTP
import OpenAI
import Testing

private let recording = Recording(
    bytes: Array("fLaC…".utf8), fileName: "chunk \"7\".flac", mediaType: "audio/flac", language: "en")

private func hear(_ body: String, status: Int = 200, headers: [String: String] = [:]) throws -> SpokenText {
    let speech = Speech.openAI(key: "sk-1", base: "http://127.0.0.1:8086/v1", model: "whisper-1") {
        _ throws(Failure) in
        Response(status: status, headers: headers, body: Array(body.utf8))
    }
    return try speech.transcribe(recording)
}

@Suite struct TranscriptionRequestTests {
    private let api = OpenAIAPI(key: "sk-1")

    @Test func `a recording is sent as a file, with times asked for of words and segments`() {
        let request = api.transcription(of: recording, model: "whisper-1", boundary: "frontier")
        let text = request.description.replacing("\r\n", with: "\n")
        #expect(
            text == """
                POST https://api.openai.com/v1/audio/transcriptions
                Authorization: •••
                Content-Type: multipart/form-data; boundary=frontier

                --frontier
                Content-Disposition: form-data; name="model"

                whisper-1
                --frontier
                Content-Disposition: form-data; name="language"

                en
                --frontier
                Content-Disposition: form-data; name="response_format"

                verbose_json
                --frontier
                Content-Disposition: form-data; name="timestamp_granularities[]"

                word
                --frontier
                Content-Disposition: form-data; name="timestamp_granularities[]"

                segment
                --frontier
                Content-Disposition: form-data; name="temperature"

                0.0
                --frontier
                Content-Disposition: form-data; name="file"; filename="chunk %227%22.flac"
                Content-Type: audio/flac

                fLaC…
                --frontier--

                """)
        #expect(!request.repeatable)
        #expect(String(decoding: request.body, as: UTF8.self).utf8.filter { $0 == 13 }.count == 30)
    }

    @Test(arguments: ["nb", "nn-NO", "no", "zh-TW"])
    func `a language goes by the code that the service has for it`(tag: String) throws {
        let language = try #require(LanguageTag(rawValue: tag)).spokenLanguage
        let other = Recording(bytes: [1], fileName: "a", mediaType: "audio/flac", language: language)
        let request = api.transcription(of: other, model: "whisper-1", boundary: "b")
        let told = tag.hasPrefix("n") ? "no" : "zh"
        #expect(request.description.contains("name=\"language\"\r\n\r\n\(told)\r\n"))
    }

    @Test(arguments: ["gsw", "ga", "la"])
    func `a language that the service would refuse is left for the model to find out`(language: String) {
        var other = Recording(bytes: [1], fileName: "a", mediaType: "audio/flac", language: language)
        other.temperature = 0.4
        let request = api.transcription(of: other, model: "whisper-1", boundary: "b")
        #expect(!request.description.contains("language"))
        #expect(request.description.contains("\r\n\r\n0.4\r\n"))
    }

    @Test func `no two requests share a boundary`() {
        #expect(
            api.transcription(of: recording, model: "m").headers
                != api.transcription(of: recording, model: "m").headers)
    }
}

@Suite struct SpeechTests {
    @Test func `segments are heard with the words that were said in them`() throws {
        let heard = try hear(
            """
            {"task":"transcribe","language":"english","duration":8.47,"text":" It was late. Who knocked?",
             "segments":[
              {"id":0,"seek":0,"start":0.0,"end":1.5,"text":" It was late.","tokens":[1],"avg_logprob":-0.2},
              {"id":1,"seek":0,"start":2.0,"end":3.32,"text":" Who knocked?","no_speech_prob":0.009}],
             "words":[{"word":"It","start":0.0,"end":0.2},{"word":"was","start":0.2,"end":0.5},
              {"word":"late","start":1.2,"end":1.9},{"word":"Who","start":1.95,"end":2.4},
              {"word":"knocked","start":2.4,"end":9.0}],
             "usage":{"type":"duration","seconds":9}}
            """)
        #expect(heard.model == "whisper-1")
        #expect(heard.language == "en")
        #expect(heard.segments.map(\.text) == ["It was late.", "Who knocked?"])
        #expect(heard.segments.map(\.endMilliseconds) == [1500, 3320])
        #expect(heard.segments.map { $0.words.map(\.text) } == [["It", "was", "late"], ["Who", "knocked"]])
        #expect(heard.segments[1].words[0].startMilliseconds == 1950)
    }

    @Test func `words within their segments are taken as well`() throws {
        let heard = try hear(
            """
            {"text":"Ay","segments":[{"text":"Ay","start":1,"end":2,
            "words":[{"word":" Ay ","start":1,"end":2}]}]}
            """)
        #expect(heard.segments[0].words.map(\.text) == ["Ay"])
    }

    @Test(arguments: [
        ("english", "en"), ("Haitian Creole", "ht"), ("de", "de"), ("nynorsk", "nn"), ("klingon", nil),
        ("", nil),
    ])
    func `a language is told by its code, and one that is not known by none`(told: String, code: String?)
        throws
    {
        #expect(try hear(#"{"text":"","language":"\#(told)","segments":[]}"#).language == code)
    }

    @Test func `silence is an answer`() throws {
        #expect(try hear(#"{"text":" ","segments":[]}"#).segments == [])
        #expect(try hear(#"{"text":"","segments":null,"words":null}"#).segments == [])
    }

    @Test func `what ends before it begins takes no time`() throws {
        let heard = try hear(#"{"text":"a","segments":[{"text":"a","start":2,"end":-0.5}]}"#)
        #expect(heard.segments[0].startMilliseconds == 2000)
        #expect(heard.segments[0].endMilliseconds == 2000)
    }

    @Test(arguments: [
        ("", "empty", OutsideFailure.Kind.undecided), ("<html>", "no-json", .undecided),
        (#"{"text":"a"}"#, "no-times", .refused), (#"{"segments":[]}"#, "wrong-shape", .refused),
        (#"{"text":"a","segments":[{"text":"a","start":"0","end":1}]}"#, "wrong-shape", .refused),
        (#"{"text":"a","segments":[{"text":"a","start":0,"end":1e300}]}"#, "wrong-shape", .refused),
        (#"{"text":"a","segments":[{"text":"a","start":0,"end":1e999}]}"#, "no-json", .undecided),
    ])
    func `an answer that is none has a name`(body: String, code: String, kind: OutsideFailure.Kind) throws {
        let failure = #expect(throws: OutsideFailure.self) { try hear(body) }
        #expect(failure?.code == code)
        #expect(failure?.kind == kind)
        #expect(failure?.mayBeCharged == true, "it was an answer")
    }

    @Test(arguments: [
        (401, "invalid_api_key", OutsideFailure.Kind.refused), (400, "bad", .refused),
        (413, "large", .refused),
        (429, "rate_limit_exceeded", .throttled(retryAfterSeconds: 20)),
        (429, "insufficient_quota", .refused),
        (500, "server_error", .unavailable), (503, "overloaded", .unavailable), (408, "late", .unavailable),
    ])
    func `a refusal tells what may be done about it, and not what was said`(
        status: Int, code: String, kind: OutsideFailure.Kind
    ) throws {
        let body =
            #"{"error":{"message":"key sk-1 said hello","type":"some_error","param":null,"code":"\#(code)"}}"#
        let failure = #expect(throws: OutsideFailure.self) { try hear(body, status: status) }
        #expect(failure == OutsideFailure("openai", kind, code: code, reason: "status \(status), some_error"))
    }

    @Test func `a refusal in another shape is told by its status`() throws {
        for body in ["", "<html>", #"{"error":"no"}"#, #"{"error":{"code":7,"type":null}}"#] {
            let failure = #expect(throws: OutsideFailure.self) { try hear(body, status: 502) }
            #expect(failure == OutsideFailure("openai", .unavailable, reason: "status 502"))
        }
    }

    @Test func `how long to wait is passed on`() throws {
        let failure = #expect(throws: OutsideFailure.self) {
            try hear("{}", status: 429, headers: ["retry-after": "7"])
        }
        #expect(failure?.kind == .throttled(retryAfterSeconds: 7))
    }

    @Test(arguments: [
        (Failure.Kind.timeout, OutsideFailure.Kind.undecided), (.other, .undecided), (.tooLarge, .undecided),
        (.connect, .unavailable), (.tls, .unavailable),
    ])
    func `without an answer it may be asked again, and may have been done but where nobody was reached`(
        kind: Failure.Kind, outcome: OutsideFailure.Kind
    ) throws {
        let speech = Speech.openAI(key: "k", base: "https://x", model: "m") { _ throws(Failure) in
            throw Failure(kind, "x: no answer")
        }
        let failure = #expect(throws: OutsideFailure.self) { try speech.transcribe(recording) }
        #expect(failure == OutsideFailure("openai", outcome, reason: "x: no answer"))
        #expect(failure?.mayBeCharged == (outcome == .undecided))
    }

    @Test func `more than the service takes is not sent`() throws {
        let speech = Speech.openAI(key: "k", base: "https://x", model: "m") { _ throws(Failure) in
            throw Failure(.other, "it was sent")
        }
        let large = Recording(
            bytes: [UInt8](repeating: 0, count: 25 << 20 + 1), fileName: "a", mediaType: "a/b", language: nil)
        let failure = #expect(throws: OutsideFailure.self) { try speech.transcribe(large) }
        #expect(failure?.code == "too-large")
    }
}
