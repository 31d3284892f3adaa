import Bookshop
import Foundation
import HTTP
import OpenSearch

@testable import OpenAI
@testable import Stripe

/// What the providers of payments, speech, writing and the index send.
let providers: [Parser] = [
    { bytes in
        if let event = refusing({ try Stripe.Event(bytes) }) {
            holds(event.record.raw == bytes, event.record.id)
            _ = event.isOfKnownVersion
        }
        let words = texts(bytes, 2)
        let isSigned: Void? = refusing {
            try WebhookSignature.verify(
                header: words[0], body: Array(words[1].utf8), secrets: ["whsec_1"],
                now: Date(timeIntervalSince1970: 1_800_000_000))
        }
        holds(isSigned == nil, "nobody has signed it")
    },
    { bytes in
        let api = StripeAPI(secretKey: "sk_test_1")
        for status in [200, 400] {
            let send: Send = { _ throws(Failure) in HTTP.Response(status: status, body: bytes) }
            let payments = Payments.stripe(secretKey: "sk_test_1", apiBase: "https://a.example", send: send)
            _ = refusing { try payments.session("cs_1") }
            _ = refusing { try Intents.stripe(api, send: send).intent("pi_1") }
            // A list that has no end is cut off by the fuzzer's own limit of time, and that is a find.
            _ = refusing { try Refunds.stripe(api, send: send).all("pi_1") }
        }
    },
    { bytes in
        for status in [200, 429] {
            let speech = Speech.openAI(key: "k", base: "https://a.example/v1", model: "whisper-1") {
                _ throws(Failure) in HTTP.Response(status: status, body: bytes)
            }
            let recording = Recording(bytes: [1], fileName: "a.wav", mediaType: "audio/wav", language: "en")
            guard let heard = refusing({ try speech.transcribe(recording) }) else { continue }
            let chunk = HeardChunk(span: Span(startMilliseconds: 5000, endMilliseconds: 65_000), text: heard)
            let segments = Transcript.assembled([chunk], chapters: [])
            for span in segments.map(\.span) {
                holds(5000 <= span.startMilliseconds && span.endMilliseconds <= 65_000, "\(span)")
            }
        }
    },
    { bytes in
        let writer = Writer.openAI(key: "k", base: "https://a.example/v1", model: "m") {
            _ throws(Failure) in HTTP.Response(status: 200, body: bytes)
        }
        _ = refusing { try writer.write(WritingTask(instructions: "a", text: "b", maximumTokens: 10)) }
    },
    { bytes in
        for status in [200, 429] {
            let index = PassageProposals.openSearch(base: "https://a.example", pause: { _ in }) {
                _ throws(Failure) in HTTP.Response(status: status, body: bytes)
            }
            guard let query = PassageQuery("a") else { return }
            let texts = SearchedTexts(transcripts: [Transcript.ID()], languages: [])
            let inquiry = PassageInquiry(GuessedPassage(query), in: texts, after: nil, limit: 9)
            for place in refusing({ try index.propose(inquiry) }) ?? [] {
                holds((1...Int(Int32.max)).contains(place.mark.position), "\(place.mark.position)")
            }
            _ = refusing { try index.settle(Transcript.ID(), 1) }
        }
    },
]
