import Bookshop
import Foundation
import Stripe
import Testing

@Suite struct EventTests {
    private struct AnotherSubject: Error {}

    private func event(
        _ type: String, _ object: String, version: String = "\"2026-07-29.dahlia\""
    ) -> [UInt8] {
        Array(
            """
            {"id":"evt_1","object":"event","type":"\(type)","api_version":\(version),"created":1785328496,
            "livemode":false,"pending_webhooks":1,"data":{"object":\(object)}}
            """.utf8)
    }

    private let intent = """
        {"id":"pi_1","status":"succeeded","amount_received":2298,"currency":"eur","livemode":false,
        "metadata":{"attempt_id":"0b5e0e0e-0000-4000-8000-000000000002"}}
        """

    @Test func `what is kept of an event is read, and its bytes are kept as they came`() throws {
        let bytes = event(
            "checkout.session.completed",
            String(decoding: session("complete", payment: "paid"), as: UTF8.self))
        let record = try Event(bytes).record
        #expect(record.provider == .stripe)
        #expect(record.id == "evt_1")
        #expect(record.type == "checkout.session.completed")
        #expect(record.objectID == "cs_test_1")
        #expect(record.createdAt == Date(timeIntervalSince1970: 1_785_328_496))
        #expect(record.raw == bytes)
    }

    @Test(arguments: [
        ("completed", Event.SessionChange.completed), ("expired", .expired),
        ("async_payment_succeeded", .asyncPaymentSucceeded), ("async_payment_failed", .asyncPaymentFailed),
    ])
    func `the events of a session carry it`(name: String, change: Event.SessionChange) throws {
        let object = String(decoding: session("complete", payment: "unpaid"), as: UTF8.self)
        guard
            case .checkoutSession(change, let carried) = try Event(event("checkout.session." + name, object))
                .subject
        else { throw AnotherSubject() }
        #expect(carried.id == "cs_test_1")
        #expect(carried.fact(toldBy: "evt_1", at: .now) == nil)
    }

    @Test func `a payment intent that succeeded is a fact`() throws {
        guard
            case .paymentIntent(.succeeded, let carried) = try Event(
                event("payment_intent.succeeded", intent)
            ).subject
        else { throw AnotherSubject() }
        let fact = try #require(carried.fact(toldBy: "evt_1", at: .now))
        #expect(fact.amount == 2298)
        #expect(fact.currency == "EUR")
        #expect(fact.paymentIntent == "pi_1")
    }

    @Test func `a payment intent in any other status is none`() throws {
        let processing = intent.replacing("succeeded", with: "requires_capture")
        guard
            case .paymentIntent(_, let carried) = try Event(event("payment_intent.processing", processing))
                .subject
        else { throw AnotherSubject() }
        #expect(carried.status == .other("requires_capture"))
        #expect(carried.fact(toldBy: "evt_1", at: .now) == nil)
    }

    @Test(arguments: [
        ("refund.created", Event.Subject.refund), ("refund.failed", .refund), ("charge.refunded", .refund),
        ("charge.dispute.created", .dispute), ("charge.dispute.funds_withdrawn", .dispute),
        ("customer.created", .other), ("checkout.session.renamed", .other),
        ("payment_intent.created", .other),
    ])
    func `what is carried raw, and what is passed over, is told by its type`(
        type: String, subject: Event.Subject
    ) throws {
        #expect(try Event(event(type, #"{"id":"x_1"}"#)).subject == subject)
        #expect(try Event(event(type, "{}")).record.objectID == nil)
    }

    @Test func `an event about an object of another shape can still be kept`() throws {
        let read = try Event(event("payment_intent.succeeded", #"{"id":"pi_1","status":"succeeded"}"#))
        #expect(read.record.objectID == "pi_1")
        #expect(read.subject == .unreadable("data.object.amount_received is not what was expected"))
    }

    @Test(arguments: ["", "null", "[]", "{}", "{\"id\":1}", "\u{FEFF}x"])
    func `what is no event is refused`(text: String) {
        #expect(throws: Event.Unreadable.self) { try Event(Array(text.utf8)) }
    }

    @Test(arguments: [
        ("\"2026-07-29.dahlia\"", true), ("\"2026-09-30.dahlia\"", true), ("\"2025-03-31.basil\"", false),
        ("null", false),
    ])
    func `an event of another major version is known as that`(version: String, known: Bool) throws {
        #expect(try Event(event("refund.created", "{}", version: version)).isOfKnownVersion == known)
    }
}
