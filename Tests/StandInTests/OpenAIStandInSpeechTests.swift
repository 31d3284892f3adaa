import Foundation
import Testing

@testable import StandIns

/// One after the other: recognising keeps a processor busy for a tenth of the recording's length.
@Suite(.serialized) struct OpenAIStandInSpeechTests {
    @Test(arguments: ["rms", "slt", "awb"])
    func `fewer than a quarter of the words are wrong`(voice: String) async throws {
        let file = try Speech.spoken(Speech.alice, by: voice)
        try await withOpenAI { shop in
            let reply = try await shop.transcribe(file)
            #expect(reply.status == 200)
            let rate = Speech.wordErrorRate(of: reply.json["text"].string ?? "", against: Speech.alice)
            #expect(rate < 0.25)
        }
    }

    @Test func `segments and words have their times, and end where the voice does`() async throws {
        let file = try Speech.spoken(Speech.short, by: "rms")
        try await withOpenAI { shop in
            let asked = [
                ("response_format", "verbose_json"), ("timestamp_granularities[]", "word"),
                ("timestamp_granularities[]", "segment"), ("language", "en"), ("temperature", "0.4"),
            ]
            let heard = try await shop.transcribe(file, asked).json
            let duration = try #require(heard["duration"].double)
            // A WAV file of flite's is 16 kHz, one channel, 16 bits, behind 44 bytes.
            #expect(abs(duration - Double(file.count - 44) / 32000) < 0.01)
            let words = heard["words"].elements
            #expect(words.count > 5)
            let times: [Double] = words.flatMap { [$0["start"].double ?? -1, $0["end"].double ?? -1] }
            #expect(times == times.sorted())
            #expect(times.allSatisfy { (0...duration).contains($0) })
            let segments = heard["segments"].elements
            #expect(segments.map { $0["id"].integer } == Array(segments.indices))
            #expect(segments.allSatisfy { ($0["avg_logprob"].double ?? 1) <= 0 && $0["temperature"] == 0.4 })
            #expect(segments.last?["end"] == words.last?["end"])
            let text = segments.compactMap { $0["text"].string }.joined()
            #expect(text.dropFirst() == heard["text"].string ?? "")
        }
    }

    @Test(arguments: [
        ("speech.mp3", "text", ""), ("speech.flac", "srt", "1\n00:00:0"),
        ("speech.m4a", "vtt", "WEBVTT\n\n00:00:0"),
    ])
    func `each container is heard, and each text format is written`(
        name: String, format: String, opening: String
    ) async throws {
        let file = try Speech.converted(try Speech.spoken(Speech.short, by: "rms"), to: name)
        try await withOpenAI({ $0.recogniserLimit = 1 }) { shop in
            let reply = try await shop.transcribe(file, named: name, [("response_format", format)])
            #expect(reply.status == 200)
            #expect(reply.headers["content-type"]?.hasPrefix("text/plain") == true)
            #expect(reply.text.hasPrefix(opening))
            let words = reply.text.split(separator: "\n").filter {
                !$0.contains("-->") && !["1", "WEBVTT"].contains($0)
            }
            #expect(Speech.wordErrorRate(of: words.joined(separator: " "), against: Speech.short) < 0.4)
        }
    }

    @Test func `the same is heard in a recording, whatever was heard before it`() async throws {
        let file = try Speech.spoken(Speech.short, by: "slt")
        let another = try Speech.spoken(Speech.alice, by: "awb")
        try await withOpenAI({ $0.recogniserLimit = 1 }) { shop in
            let asked = [("response_format", "verbose_json"), ("timestamp_granularities[]", "word")]
            let first = try await shop.transcribe(file, asked)
            _ = try await shop.transcribe(another)
            let second = try await shop.transcribe(file, asked)
            #expect(first.json["words"].elements.count > 5)
            #expect(first.json["words"] == second.json["words"])
        }
    }

    @Test func `silence says nothing`() async throws {
        let wave = try Speech.spoken(Speech.short, by: "rms")
        let silence = Array(wave.prefix(44)) + [UInt8](repeating: 0, count: wave.count - 44)
        try await withOpenAI { shop in
            let reply = try await shop.transcribe(silence, [("response_format", "verbose_json")])
            #expect(reply.status == 200)
            #expect(reply.json["text"] == "")
            #expect(reply.json["segments"] == [])
        }
    }

    @Test func `more than is heard in time is told to come again, until whoever sent it has gone`()
        async throws
    {
        let short = try Speech.spoken(Speech.short, by: "rms")
        let long = Speech.repeated(short, times: 130)
        try await withOpenAI({ $0.hearingLimitSeconds = 1 }) { shop in
            func answered(_ status: Int, tries: Int) async throws -> Reply {
                for _ in 1...tries {
                    let reply = try await shop.transcribe(short)
                    if reply.status == status { return reply }
                    try await Task.sleep(for: .milliseconds(500))
                }
                throw NotAnswered(status: status)
            }
            struct NotAnswered: Error { let status: Int }

            let whoSentIt = Task {
                // As long as it finds another at work.
                while try await shop.transcribeByCurl(long) == 22 {
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            let refused = try await answered(429, tries: 100)
            #expect(refused.headers["retry-after"] == "15")
            #expect(refused.json["error"]["code"] == "rate_limit_exceeded")
            whoSentIt.cancel()
            _ = await whoSentIt.result
            #expect(try await answered(200, tries: 20).json["text"].string?.isEmpty == false)
        }
    }
}
