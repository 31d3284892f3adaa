import Bookshop
import Foundation
import HTTP
import Stripe
import Testing

private let orderID = Order.ID(rawValue: UUID(uuidString: "0B5E0E0E-0000-4000-8000-000000000001")!)
private let attemptID = PaymentAttempt.ID(rawValue: UUID(uuidString: "0B5E0E0E-0000-4000-8000-000000000002")!)
private let bookID = Audiobook.ID(rawValue: UUID(uuidString: "0B5E0E0E-0000-4000-8000-000000000003")!)

private func wanted(total: Int = 2298, successURL: String = "https://shop.example/thanks") -> SessionRequest {
    let end = Date(timeIntervalSince1970: 1_785_332_096)
    let lines = [("Emma & Elinor", 1499), ("Ulysses", 799)].map {
        OrderLine(audiobook: bookID, title: $0.0, listPrice: Money(minorUnits: $0.1, currency: .eur))
    }
    let total = Money(minorUnits: total, currency: .eur)
    let order = Order(
        id: orderID, number: nil, customer: Customer.ID(), cart: nil, state: .pending, lines: lines,
        total: total,
        createdAt: end)
    let attempt = PaymentAttempt(
        id: attemptID, order: orderID, kind: .checkoutSession, state: .created, amount: total,
        idempotencyKey: "key-1", sessionID: nil, sessionURL: nil, expiresAt: end)
    return SessionRequest(
        order: order, attempt: attempt, email: "ada+books@example.org", successURL: successURL,
        cancelURL: "https://shop.example/cart")
}

func session(
    _ status: String = "open", payment: String = "unpaid", change: (inout [String: Any]) -> Void = { _ in }
)
    -> [UInt8]
{
    var fields: [String: Any] = [
        "id": "cs_test_1", "object": "checkout.session", "status": status, "payment_status": payment,
        "amount_total": 2298, "currency": "eur", "expires_at": 1_785_332_096, "livemode": false,
        "url": status == "open" ? "https://checkout.stripe.com/c/cs_test_1" : NSNull(),
        "payment_intent": NSNull(), "metadata": ["attempt_id": attemptID.description, "order_id": "x"],
    ]
    change(&fields)
    return (try? JSONSerialization.data(withJSONObject: fields)).map { Array($0) } ?? []
}

/// Answers in turn, and remembers what was asked.
private final class Script {
    var answers: [Result<Response, Failure>]
    var asked: [Request] = []

    init(_ answers: Result<Response, Failure>...) { self.answers = answers }

    func payments() -> Payments {
        .stripe(secretKey: "sk_test_1", apiBase: "https://api.stripe.com") { request throws(Failure) in
            self.asked.append(request)
            return try self.answers.removeFirst().get()
        }
    }
}

private func answer(_ status: Int, _ body: [UInt8], _ headers: [String: String] = [:]) -> Result<
    Response, Failure
> {
    .success(Response(status: status, headers: headers, body: body))
}

private func refusal(_ status: Int, type: String, code: String? = nil) -> Result<Response, Failure> {
    let code = code.map { "\"code\":\"\($0)\"," } ?? ""
    let rest = #""param":"customer_email","message":"Invalid: ada@example.org""#
    return answer(status, Array(#"{"error":{"type":"\#(type)",\#(code)\#(rest)}}"#.utf8))
}

@Suite struct RequestTests {
    private let api = StripeAPI(secretKey: "sk_test_1")

    @Test func `a session is asked for at the order's prices, line by line`() throws {
        let request = api.openSession(wanted())
        let fields = String(decoding: request.body, as: UTF8.self).replacing("&", with: "\n")
            .removingPercentEncoding
        #expect(request.repeatable)
        #expect(request.headers.contains(Header("Authorization", "Bearer sk_test_1")))
        var readable = request
        readable.body = Array(try #require(fields).utf8)
        #expect(
            readable.description == """
                POST https://api.stripe.com/v1/checkout/sessions
                Authorization: •••
                Stripe-Version: 2026-07-29.dahlia
                Content-Type: application/x-www-form-urlencoded
                Idempotency-Key: key-1

                mode=payment
                client_reference_id=0b5e0e0e-0000-4000-8000-000000000001
                metadata[order_id]=0b5e0e0e-0000-4000-8000-000000000001
                metadata[attempt_id]=0b5e0e0e-0000-4000-8000-000000000002
                payment_intent_data[metadata][order_id]=0b5e0e0e-0000-4000-8000-000000000001
                payment_intent_data[metadata][attempt_id]=0b5e0e0e-0000-4000-8000-000000000002
                expires_at=1785332096
                customer_email=ada+books@example.org
                line_items[0][quantity]=1
                line_items[0][price_data][currency]=eur
                line_items[0][price_data][unit_amount]=1499
                line_items[0][price_data][product_data][name]=Emma & Elinor
                line_items[0][price_data][product_data][metadata][audiobook_id]=\
                0b5e0e0e-0000-4000-8000-000000000003
                line_items[1][quantity]=1
                line_items[1][price_data][currency]=eur
                line_items[1][price_data][unit_amount]=799
                line_items[1][price_data][product_data][name]=Ulysses
                line_items[1][price_data][product_data][metadata][audiobook_id]=\
                0b5e0e0e-0000-4000-8000-000000000003
                success_url=https://shop.example/thanks?session_id={CHECKOUT_SESSION_ID}
                cancel_url=https://shop.example/cart
                """)
        #expect(String(decoding: request.body, as: UTF8.self).contains("Emma%20%26%20Elinor"))
    }

    @Test func `asked twice, it is the same request`() {
        #expect(api.openSession(wanted()) == api.openSession(wanted()))
    }

    @Test func `the session's id joins a query that is there already`() {
        let request = api.openSession(wanted(successURL: "https://shop.example/?a=1"))
        let body = String(decoding: request.body, as: UTF8.self)
        #expect(body.contains("%3Fa%3D1%26session_id%3D%7BCHECKOUT_SESSION_ID%7D"))
    }

    @Test func `a session is closed and looked up by its id, which cannot leave its place`() {
        #expect(
            api.expireSession("cs_1").description.hasPrefix(
                "POST https://api.stripe.com/v1/checkout/sessions/cs_1/expire"))
        #expect(api.expireSession("cs_1").headers.contains { $0.name == "Idempotency-Key" } == false)
        #expect(api.session("cs_1/../x").url == "https://api.stripe.com/v1/checkout/sessions/cs_1%2F..%2Fx")
    }
}

@Suite struct PaymentsTests {
    @Test func `an opened session is read`() throws {
        let opened = try Script(answer(200, session())).payments().openSession(wanted())
        #expect(opened.id == "cs_test_1")
        #expect(opened.url == "https://checkout.stripe.com/c/cs_test_1")
        #expect(opened.currency == "EUR")
        #expect(opened.attempt == attemptID)
        #expect(opened.paymentIntent == nil)
        #expect(opened.fact(toldBy: "test", at: .now) == nil)
    }

    @Test func `a paid session is a fact, its intent expanded or not`() throws {
        for intent in ["pi_1", ["id": "pi_1", "object": "payment_intent"]] as [Any] {
            let body = session("complete", payment: "paid") { $0["payment_intent"] = intent }
            let fact = try Script(answer(200, body)).payments().session("cs_test_1").fact(
                toldBy: "x", at: .now)
            #expect(fact?.paymentIntent == "pi_1")
            #expect(fact?.amount == 2298)
        }
    }

    @Test func `a session that is not of ours names no attempt`() throws {
        for metadata in [[:], ["attempt_id": "not a uuid"]] {
            let body = session { $0["metadata"] = metadata }
            #expect(try Script(answer(200, body)).payments().session("cs_test_1").attempt == nil)
        }
    }

    @Test func `an order whose lines do not add up is not sent`() throws {
        let script = Script()
        let failure = #expect(throws: OutsideFailure.self) {
            try script.payments().openSession(wanted(total: 1))
        }
        #expect(failure?.kind == .refused)
        #expect(script.asked.isEmpty)
    }

    @Test(arguments: [
        (400, "invalid_request_error", nil, OutsideFailure.Kind.refused),
        (401, "invalid_request_error", nil, .refused),
        (402, "card_error", "card_declined", .refused),
        (404, "invalid_request_error", "resource_missing", .refused),
        (400, "idempotency_error", nil, .refused),
        (409, "invalid_request_error", "lock_timeout", .unavailable),
        (409, "idempotency_error", "idempotency_key_in_use", .undecided),
        (429, "invalid_request_error", "rate_limit", .throttled(retryAfterSeconds: 1)),
        (500, "api_error", nil, .undecided),
    ])
    func `a refusal tells what may be done about it, and nothing of what was sent`(
        status: Int, type: String, code: String?, kind: OutsideFailure.Kind
    ) throws {
        let payments = Script(refusal(status, type: type, code: code)).payments()
        let failure = try #require(throws: OutsideFailure.self) { _ = try payments.openSession(wanted()) }
        #expect(failure.kind == kind)
        #expect(failure.code == code)
        #expect(failure.reason == "status \(status), \(type), customer_email")
    }

    @Test func `how long to wait is passed on`() throws {
        let payments = Script(answer(429, [], ["retry-after": "7"])).payments()
        let failure = #expect(throws: OutsideFailure.self) { try payments.session("cs_1") }
        #expect(failure?.kind == .throttled(retryAfterSeconds: 7))
    }

    @Test(arguments: [
        (Failure(.timeout, "t"), OutsideFailure.Kind.undecided, OutsideFailure.Kind.unavailable),
        (Failure(.connect, "c"), .undecided, .unavailable), (Failure(.tls, "t"), .unavailable, .unavailable),
    ])
    func `without an answer a question may be asked again, and a wish is undecided`(
        failure: Failure, opening: OutsideFailure.Kind, asking: OutsideFailure.Kind
    ) throws {
        let payments = Script(.failure(failure), .failure(failure)).payments()
        #expect(#expect(throws: OutsideFailure.self) { try payments.openSession(wanted()) }?.kind == opening)
        #expect(#expect(throws: OutsideFailure.self) { try payments.session("cs_1") }?.kind == asking)
    }

    @Test(arguments: [
        (Array("<html>".utf8), "the answer is not the JSON that was expected"),
        (session { $0["amount_total"] = NSNull() }, "amount_total is not what was expected"),
        (session { $0["amount_total"] = "1.5" }, "amount_total is not what was expected"),
        (session { $0["status"] = "secret" }, "status is not what was expected"),
        (session { $0["payment_intent"] = [1] }, "payment_intent is not what was expected"),
    ])
    func `an answer of another shape names the field`(body: [UInt8], reason: String) throws {
        let payments = Script(answer(200, body)).payments()
        let failure = #expect(throws: OutsideFailure.self) { try payments.openSession(wanted()) }
        #expect(failure?.kind == .undecided)
        #expect(failure?.reason == reason)
    }

    @Test func `a session that had expired already is expired`() throws {
        let gone = refusal(400, type: "invalid_request_error")
        let script = Script(gone, answer(200, session("expired")))
        #expect(try script.payments().expireSession("cs_test_1").status == .expired)
        #expect(script.asked.map(\.method) == ["POST", "GET"])
    }

    @Test func `a session that was paid meanwhile is not expired`() throws {
        let gone = refusal(400, type: "invalid_request_error")
        let payments = Script(gone, answer(200, session("complete", payment: "paid"))).payments()
        let failure = #expect(throws: OutsideFailure.self) { try payments.expireSession("cs_test_1") }
        #expect(failure?.kind == .refused)
    }
}
