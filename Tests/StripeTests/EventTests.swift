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

    @Test(arguments: [("refund.created", Refund.State.succeeded), ("refund.failed", .failed)])
    func `a refund is read, and ours are told from others`(type: String, state: Refund.State) throws {
        let own = "0b5e0e0e-0000-4000-8000-000000000009"
        let object = """
            {"id":"re_1","amount":499,"currency":"eur","status":"\(state.rawValue)","charge":"ch_1",
            "payment_intent":"pi_1","metadata":{"refund_id":"\(own)"},"failure_reason":null}
            """
        let fact = RefundFact(
            id: "re_1", own: Refund.ID(own), paymentIntent: "pi_1", amount: 499, currency: "EUR",
            state: state, failureReason: nil)
        #expect(try Event(event(type, object)).subject == .refund(fact))
        guard
            case .refund(let external) = try Event(
                event(type, object.replacing("refund_id", with: "x").replacing("succeeded", with: "odd"))
            ).subject
        else { throw AnotherSubject() }
        #expect(external.own == nil && external.state != .succeeded)
    }

    @Test func `a refunded charge says how much has gone back in all`() throws {
        let object = #"{"id":"ch_1","amount":1499,"amount_refunded":499,"payment_intent":"pi_1"}"#
        #expect(
            try Event(event("charge.refunded", object)).subject
                == .chargeRefunded(paymentIntent: "pi_1", minorUnits: 499))
    }

    @Test(arguments: [
        ("created", DisputeFact.Funds?.none), ("updated", nil), ("closed", nil),
        ("funds_withdrawn", .withdrawn), ("funds_reinstated", .reinstated),
    ])
    func `only two events of a dispute move its money`(name: String, funds: DisputeFact.Funds?) throws {
        let object = """
            {"id":"du_1","amount":1499,"currency":"eur","status":"needs_response","reason":"fraudulent",
            "payment_intent":"pi_1","is_charge_refundable":false,
            "evidence_details":{"due_by":1785328496,"submission_count":2}}
            """
        let fact = DisputeFact(
            id: "du_1", paymentIntent: "pi_1", amount: 1499, currency: "EUR", status: "needs_response",
            reason: "fraudulent", isChargeRefundable: false,
            evidenceDueAt: Date(timeIntervalSince1970: 1_785_328_496), evidenceSubmissions: 2, funds: funds)
        #expect(try Event(event("charge.dispute." + name, object)).subject == .dispute(fact))
    }

    @Test func `a bank's suspicion is read`() throws {
        let object = #"{"id":"issfr_1","payment_intent":"pi_1","fraud_type":"misc","actionable":true}"#
        let warning = FraudWarning(id: "issfr_1", paymentIntent: "pi_1", type: "misc")
        #expect(
            try Event(event("radar.early_fraud_warning.created", object)).subject == .fraudWarning(warning))
    }

    @Test(arguments: [
        "customer.created", "checkout.session.renamed", "payment_intent.created", "charge.refund.updated",
        "charge.dispute.renamed",
    ])
    func `what concerns nobody is passed over by its type`(type: String) throws {
        #expect(try Event(event(type, #"{"id":"x_1"}"#)).subject == .other)
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
