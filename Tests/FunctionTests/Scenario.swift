import Core
import Foundation
import TestSupport
import Testing

/// What happens to an order of two books at 14.99 and 9.99, as Stripe tells it. `A` is the attempt that is open,
/// `B` another page of the same order, opened before. In the texts `$O`, `$A` and `$B` stand for their ids.
struct Scenario: Sendable, CustomTestStringConvertible {
    let name: String
    var attempts = 1
    var kind = PaymentAttempt.Kind.checkoutSession
    /// What finance asked for after it was paid, before any of the events came: lines of the order.
    var returning: [Int]?
    let events: [Told]

    struct Told: Sendable {
        let type: String
        let object: String
        let second: Int

        /// `second` counts from when the order was placed: when Stripe made the event.
        init(_ type: String, _ object: String, at second: Int = 1) {
            (self.type, self.object, self.second) = (type, object, second)
        }

        func event(_ id: String, _ names: [String: String]) -> WebhookEvent {
            var object = object
            for (name, value) in names { object = object.replacing(name, with: value) }
            let instant = 1_800_000_000 + second
            let raw = """
                {"id":"\(id)","object":"event","type":"\(type)","api_version":"2026-07-29.dahlia",
                "created":\(instant),"livemode":false,"data":{"object":\(object)}}
                """
            return WebhookEvent(
                provider: .stripe, id: id, type: type, apiVersion: "2026-07-29.dahlia", isLive: false,
                objectID: nil, createdAt: Date(timeIntervalSince1970: Double(instant)), raw: Array(raw.utf8))
        }
    }

    var testDescription: String { name }
    static let total = 2498
}

extension Scenario.Told {
    static func session(
        _ change: String, _ attempt: String = "$A", status: String = "complete", payment: String = "paid"
    ) -> Self {
        let intent = status == "expired" ? "null" : "\"pi_\(attempt)\""
        return Self(
            "checkout.session.\(change)",
            """
            {"id":"cs_\(attempt)","object":"checkout.session","url":null,"status":"\(status)",
            "payment_status":"\(payment)","amount_total":\(Scenario.total),"currency":"eur",
            "payment_intent":\(intent),"metadata":{"attempt_id":"\(attempt)"},"expires_at":1800002700,
            "livemode":false}
            """)
    }

    static func intent(_ change: String, _ status: String, _ attempt: String = "$A", error: String? = nil)
        -> Self
    {
        let received = status == "succeeded" ? Scenario.total : 0
        let error = error.map { #"{"code":"\#($0)"}"# } ?? "null"
        return Self(
            "payment_intent.\(change)",
            """
            {"id":"pi_\(attempt)","object":"payment_intent","status":"\(status)","amount_received":\(received),
            "currency":"eur","livemode":false,"metadata":{"attempt_id":"\(attempt)"},
            "last_payment_error":\(error)}
            """)
    }

    static func refund(
        _ change: String, _ amount: Int, _ status: String, own: Bool = false, failure: String? = nil
    ) -> Self {
        let metadata = own ? #"{"refund_id":"$R"}"# : "{}"
        let failure = failure.map { "\"\($0)\"" } ?? "null"
        return Self(
            "refund.\(change)",
            """
            {"id":"re_$A","object":"refund","amount":\(amount),"currency":"eur","status":"\(status)",
            "charge":"ch_$A","payment_intent":"pi_$A","metadata":\(metadata),"failure_reason":\(failure)}
            """)
    }

    static func charge(refunded amount: Int) -> Self {
        Self(
            "charge.refunded",
            #"{"id":"ch_$A","object":"charge","amount_refunded":\#(amount),"payment_intent":"pi_$A"}"#)
    }

    static func dispute(_ change: String, _ status: String, at second: Int, refundable: Bool = false) -> Self
    {
        Self(
            "charge.dispute.\(change)",
            """
            {"id":"du_$A","object":"dispute","amount":\(Scenario.total),"currency":"eur","status":"\(status)",
            "reason":"fraudulent","charge":"ch_$A","payment_intent":"pi_$A",
            "is_charge_refundable":\(refundable),
            "evidence_details":{"due_by":1800600000,"submission_count":\(status == "won" ? 1 : 0)}}
            """, at: second)
    }

    static let fraudWarning = Self(
        "radar.early_fraud_warning.created",
        #"{"id":"issfr_$A","payment_intent":"pi_$A","charge":"ch_$A","fraud_type":"misc","actionable":true}"#)
}

extension Scenario {
    static let paid = Told.session("completed")
    static let charged = Told.intent("succeeded", "succeeded")

    static let all = [
        Scenario(name: "paid", events: [paid, charged]),
        Scenario(
            name: "failed then paid",
            events: [
                .intent("payment_failed", "requires_payment_method", error: "card_declined"), charged, paid,
            ]),
        Scenario(
            name: "failed then paid, on a page of the shop's own", kind: .paymentIntent,
            events: [.intent("payment_failed", "requires_payment_method", error: "card_declined"), charged]),
        Scenario(
            name: "failed then cancelled, on a page of the shop's own", kind: .paymentIntent,
            events: [
                .intent("payment_failed", "requires_payment_method", error: "card_declined"),
                .intent("canceled", "canceled"),
            ]),
        Scenario(
            name: "unpaid then success",
            events: [
                .session("completed", payment: "unpaid"), .intent("processing", "processing"), charged,
                .session("async_payment_succeeded"),
            ]),
        Scenario(
            name: "unpaid then failure",
            events: [
                .session("completed", payment: "unpaid"), .intent("processing", "processing"),
                .intent("payment_failed", "requires_payment_method", error: "debit_refused"),
                .session("async_payment_failed", payment: "unpaid"),
            ]),
        Scenario(
            name: "expired then paid",
            events: [.session("expired", status: "expired", payment: "unpaid"), charged, paid]),
        Scenario(
            name: "two sessions both paid", attempts: 2,
            events: [
                paid, charged, .session("completed", "$B"), .intent("succeeded", "succeeded", "$B"),
            ]),
        Scenario(
            name: "a line given back", returning: [2],
            events: [
                paid, .refund("created", 999, "pending", own: true),
                .refund("updated", 999, "succeeded", own: true), .charge(refunded: 999),
            ]),
        Scenario(
            name: "partial refund in the Dashboard",
            events: [paid, charged, .refund("created", 500, "succeeded"), .charge(refunded: 500)]),
        Scenario(
            name: "full refund in the Dashboard",
            events: [
                paid, .refund("created", total, "pending"), .refund("updated", total, "succeeded"),
                .charge(refunded: total),
            ]),
        Scenario(
            name: "refund that fails later",
            events: [
                paid, .refund("created", total, "succeeded"),
                .refund("updated", total, "failed", failure: "lost_or_stolen_card"),
                .refund("failed", total, "failed", failure: "lost_or_stolen_card"),
            ]),
        Scenario(
            name: "a line given back that fails later", returning: [1],
            events: [
                paid, .refund("created", 1499, "succeeded", own: true),
                .refund("failed", 1499, "failed", own: true, failure: "lost_or_stolen_card"),
            ]),
        Scenario(
            name: "refund then dispute",
            events: [
                paid, .refund("created", 500, "succeeded"), .dispute("created", "needs_response", at: 5),
                .dispute("funds_withdrawn", "needs_response", at: 5),
            ]),
        Scenario(
            name: "dispute won",
            events: [
                paid, .dispute("created", "needs_response", at: 5),
                .dispute("funds_withdrawn", "needs_response", at: 5),
                .dispute("closed", "won", at: 9), .dispute("funds_reinstated", "won", at: 9),
            ]),
        Scenario(
            name: "dispute lost",
            events: [
                paid, .dispute("created", "needs_response", at: 5),
                .dispute("funds_withdrawn", "needs_response", at: 5), .dispute("closed", "lost", at: 9),
            ]),
        Scenario(
            name: "inquiry closed",
            events: [
                paid, .dispute("created", "warning_needs_response", at: 5, refundable: true),
                .dispute("updated", "warning_under_review", at: 6, refundable: true),
                .dispute("closed", "warning_closed", at: 9, refundable: true),
            ]),
        Scenario(name: "early fraud warning", events: [paid, .fraudWarning]),
    ]

    /// What there is in the end, in a few words of the dump.
    var end: [String] {
        switch name {
        case "unpaid then failure": ["order pending", "1 failed", "unpaid"]
        case "failed then cancelled, on a page of the shop's own": ["order pending", "1 cancelled"]
        case "two sessions both paid": ["1 succeeded applied", "1 succeeded surplus", "line 1 active"]
        case "a line given back": ["line 1 active", "line 2 revoked refunded", "partially_refunded"]
        case "partial refund in the Dashboard":
            ["line 1 active", "line 2 active", "alert refund-without-lines"]
        case "full refund in the Dashboard":
            ["line 1 revoked refunded", "line 2 revoked refunded", "refunded"]
        case "refund that fails later": ["line 1 active", "line 2 active", "alert refund-failed", "paid"]
        case "a line given back that fails later": ["line 1 active", "alert refund-failed", "paid"]
        case "refund then dispute": ["line 1 suspended disputed", "alert dispute", "charged_back"]
        case "dispute won": ["line 1 active", "dispute won", "paid"]
        case "dispute lost": ["line 1 revoked dispute-lost", "dispute lost", "charged_back"]
        case "inquiry closed": ["line 1 active", "dispute closed", "paid"]
        case "early fraud warning": ["line 1 active", "alert early-fraud-warning", "paid"]
        default: ["order confirmed", "1 succeeded applied", "line 1 active", "line 2 active", "paid"]
        }
    }
}
