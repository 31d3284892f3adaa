import Cryptography
import Foundation
import HTTP
import TestSupport
import Testing

@testable import Core
@testable import Lambda
@testable import World
@testable import stripe_webhook

/// What a trace tells of a function, and how it goes on in those that come later.
@Suite struct TraceTests {
    private static let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
    private static let checkout = "Root=1-00000001-000000000000000000000002;Parent=0000000000000003;Sampled=1"

    /// The spans of an event that came with a trace.
    private func recorded(_ header: String = header, _ body: () throws -> Void) throws -> [TraceSpan] {
        let recorder = TraceRecorder()
        let result = Trace.invocation(Invocation(traceID: header), isFirst: false, recorder) {
            Result { try body() }
        }
        try result.get()
        return recorder.take()
    }

    private func document(_ spans: [TraceSpan]) -> String {
        String(decoding: TraceDocument(service: "f").encoded(spans), as: UTF8.self)
    }

    @Test func `a call outside is a span without what is somebody's, and carries the trace`() throws {
        var sent: [HTTP.Request] = []
        let send = traced("stripe") { request throws(Failure) in
            sent.append(request)
            return HTTP.Response(status: 402)
        }
        let url = "https://api.stripe.com/v1/payment_intents/pi_3Nabc/cancel?email=ada@example.com"
        let spans = try recorded {
            _ = try send(HTTP.Request("POST", url, body: Array("name=Ada".utf8), repeatable: false))
        }
        let span = try #require(spans.first { $0.kind == .client })
        #expect(span.name == "POST /v1/payment_intents/{}/cancel")
        #expect(span.attributes["server.address"] == .text("api.stripe.com"))
        #expect(span.attributes["peer.service"] == .text("stripe"))
        #expect(span.attributes["http.response.status_code"] == .number(402))
        let traceparent = "00-5759e988bd862e3fe1be46a994272793-\(span.context.span ?? "")-01"
        #expect(sent.first?.headers == [Header("traceparent", traceparent)])
        for secret in ["pi_3Nabc", "ada@example.com", "Ada", "email"] {
            #expect(!document(spans).contains(secret))
        }
        _ = try send(HTTP.Request("GET", url, repeatable: true))
        #expect(sent.last?.headers == [], "no trace, no header")
    }

    @Test(arguments: [
        ("https://h/v1/checkout/sessions/cs_test_a1B2", "h", "/v1/checkout/sessions/{}"),
        (
            "http://127.0.0.1:8082/earshelf-media/u/0F3a/original", "127.0.0.1:8082",
            "/earshelf-media/u/{}/original"
        ),
        ("https://ada:secret@h?token=1", "h", "/"), ("https://h/a%20b/Ada/x#y", "h", "/{}/{}/x"),
        ("https://h/v123/aaaaaaaaaaaaaaaaaaaaaaaaa", "h", "/{}/{}"), ("none", "none", "/"),
    ])
    func `of an address the shape is told`(url: String, host: String, template: String) {
        let place = CalledPlace(url)
        #expect(place.host == host && place.template == template)
    }

    @Test func `a call that fails is told by its type alone`() throws {
        let send = traced("openai") { request throws(Failure) in throw Failure(.timeout, "of ada@example.com")
        }
        let spans = try recorded {
            #expect(throws: Failure.self) { try send(HTTP.Request("GET", "https://h/", repeatable: true)) }
        }
        #expect(spans.first { $0.kind == .client }?.fault == "Failure")
        #expect(!document(spans).contains("ada"))
    }

    private func watched(_ shop: Shop) -> Shop {
        shop.database.watcher = .tracing
        return shop
    }

    @Test func `an event keeps the trace in which it was written, until the bus is told`() throws {
        try withDatabase { database in
            let shop = watched(database.shop(of: "catalogue"))
            let spans = try recorded {
                try shop.database.transaction { transaction in
                    try transaction.emit(
                        .audiobookUpdated, about: "a", once: "1", ["email": "ada@example.com"])
                }
            }
            try shop.database.transaction { try $0.emit(.audiobookUpdated, about: "a", once: "2", ["n": 1]) }
            let own = try #require(spans.first { $0.name.contains("event") }?.context)
            let told = Told<OutboxEvent>()
            var relay = database.shop(of: "relay")
            relay.events = EventBus { events in
                events.map { event in
                    told.append(event)
                    return .taken
                }
            }
            #expect(try relay.publishEvents(limit: 10) == 2)
            #expect(told.all.map(\.traceHeader) == [own.header, nil])
            let transaction = try #require(spans.first { $0.name == "transaction" })
            #expect(transaction.attributes["db.query.summary"] == .text("INSERT plumbing.outbox; COMMIT"))
            #expect(transaction.parent == own.span)
            #expect(!document(spans).contains("ada"))
        }
    }

    @Test func `what is told of a payment belongs to the trace in which it was asked for`() throws {
        try withDatabase { database in
            let connection = database.connect()
            connection.watcher = .tracing
            var attempt: PaymentAttempt?
            let asked = try recorded(Self.checkout) {
                attempt = try connection.transaction { transaction in
                    let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
                    return try transaction.opened(
                        try transaction.ordered([try transaction.published("Emma", by: editor)], by: customer)
                    )
                }
            }
            let checkout = try #require(asked.first { $0.name == "event" }?.context)
            let shop = watched(database.shop(of: "stripe-webhook"))
            let told = try signed(completed(#require(attempt)))
            let spans = try recorded { _ = try stripeWebhook(told, in: shop, secrets: ["whsec_test"]) }
            let settled = try #require(spans.first { $0.name == "settle checkout.session.completed" })
            #expect(settled.context.trace == checkout.trace && settled.parent == checkout.span)
            let event = try #require(spans.first { $0.name == "event" })
            #expect(settled.links == [event.context])
            #expect(event.context.trace == "5759e988bd862e3fe1be46a994272793")
            let below = spans.filter { $0.parent == settled.context.span }
            #expect(below.contains { $0.name == "transaction" && $0.context.trace == checkout.trace })
            #expect(try database.count("sales.orders WHERE state = 'confirmed'") == 1)
            let kept: String? = try database.prepared { transaction in
                try transaction.value(
                    "SELECT trace_header FROM plumbing.outbox WHERE topic = 'OrderCompleted'")
            }
            #expect(kept == settled.context.header, "and so does what is told of it")
        }
    }

    private func signed(_ body: String) -> Lambda.Request {
        let time = Int(Date().timeIntervalSince1970)
        let code = HMAC.sha256(key: Array("whsec_test".utf8), message: Array("\(time).\(body)".utf8))
        return .typed(
            "POST /api/v1/webhooks/stripe", body,
            headers: ["stripe-signature": "t=\(time),v1=\(Hex.encoded(code))"])
    }

    private func completed(_ attempt: PaymentAttempt) -> String {
        """
        {"id":"evt_1","object":"event","type":"checkout.session.completed","api_version":"2026-07-29.dahlia",
        "created":1800000000,"livemode":false,"data":{"object":{"id":"cs_\(attempt.id)","object":"checkout.session",
        "url":null,"status":"complete","payment_status":"paid","amount_total":\(attempt.amount.minorUnits),
        "currency":"eur","payment_intent":"pi_1","metadata":{"attempt_id":"\(attempt.id)"},"expires_at":1800000000,
        "livemode":false}}}
        """
    }
}
