internal import Bookshop
internal import FoundationEssentials

/// A refund as Stripe writes it, as far as we read it.
struct RefundObject: Decodable {
    let refund: RefundFact

    private enum CodingKeys: String, CodingKey {
        case id, amount, currency, status, metadata
        case paymentIntent = "payment_intent"
        case failureReason = "failure_reason"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        refund = RefundFact(
            id: try fields.decode(String.self, forKey: .id),
            own: try fields.decodeIfPresent(Metadata.self, forKey: .metadata)?.refund,
            paymentIntent: try fields.decodeIfPresent(Reference.self, forKey: .paymentIntent)?.id,
            amount: try fields.decode(Int.self, forKey: .amount),
            currency: try fields.decode(String.self, forKey: .currency).uppercased(),
            state: Self.state(try fields.decode(String.self, forKey: .status)),
            failureReason: try fields.decodeIfPresent(String.self, forKey: .failureReason))
    }

    /// https://docs.stripe.com/api/refunds/object#refund_object-status
    private static func state(_ status: String) -> Refund.State? {
        switch status {
        case "pending": .pending
        case "requires_action": .requiresAction
        case "succeeded": .succeeded
        case "failed": .failed
        case "canceled": .cancelled
        default: nil
        }
    }
}

/// A list of them, at most a hundred.
struct RefundList: Decodable {
    let data: [RefundObject]
}

/// A charge as Stripe writes it, as far as it tells what went back of it.
struct ChargeObject: Decodable {
    let subject: Event.Subject

    private enum CodingKeys: String, CodingKey {
        case paymentIntent = "payment_intent"
        case refunded = "amount_refunded"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        subject = .chargeRefunded(
            paymentIntent: try fields.decodeIfPresent(Reference.self, forKey: .paymentIntent)?.id,
            minorUnits: try fields.decode(Int.self, forKey: .refunded))
    }
}

/// A dispute as Stripe writes it, as far as we read it.
struct DisputeObject: Decodable {
    let dispute: DisputeFact

    private enum CodingKeys: String, CodingKey {
        case id, amount, currency, status, reason
        case paymentIntent = "payment_intent"
        case isChargeRefundable = "is_charge_refundable"
        case evidence = "evidence_details"
    }

    private struct Evidence: Decodable {
        let dueBy: Int?
        let submissions: Int?

        private enum CodingKeys: String, CodingKey {
            case dueBy = "due_by"
            case submissions = "submission_count"
        }
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let evidence = try fields.decodeIfPresent(Evidence.self, forKey: .evidence)
        dispute = DisputeFact(
            id: try fields.decode(String.self, forKey: .id),
            paymentIntent: try fields.decodeIfPresent(Reference.self, forKey: .paymentIntent)?.id,
            amount: try fields.decode(Int.self, forKey: .amount),
            currency: try fields.decode(String.self, forKey: .currency).uppercased(),
            status: try fields.decode(String.self, forKey: .status),
            reason: try fields.decode(String.self, forKey: .reason),
            isChargeRefundable: try fields.decode(Bool.self, forKey: .isChargeRefundable),
            evidenceDueAt: evidence?.dueBy.map { Date(timeIntervalSince1970: Double($0)) },
            evidenceSubmissions: evidence?.submissions ?? 0, funds: nil)
    }
}

/// An early fraud warning as Stripe writes it, as far as we read it.
struct FraudWarningObject: Decodable {
    let warning: FraudWarning

    private enum CodingKeys: String, CodingKey {
        case id
        case paymentIntent = "payment_intent"
        case type = "fraud_type"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        warning = FraudWarning(
            id: try fields.decode(String.self, forKey: .id),
            paymentIntent: try fields.decodeIfPresent(Reference.self, forKey: .paymentIntent)?.id,
            type: try fields.decode(String.self, forKey: .type))
    }
}
