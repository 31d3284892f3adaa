internal import Bookshop
internal import FoundationEssentials

/// A checkout session as Stripe writes it, as far as we read it.
struct SessionObject: Decodable {
    let session: CheckoutSession

    private enum CodingKeys: String, CodingKey {
        case id, url, status, currency, livemode, metadata
        case payment = "payment_status"
        case amount = "amount_total"
        case paymentIntent = "payment_intent"
        case expiresAt = "expires_at"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        session = CheckoutSession(
            id: try fields.decode(String.self, forKey: .id),
            url: try fields.decodeIfPresent(String.self, forKey: .url),
            status: try fields.decode(CheckoutSession.Status.self, forKey: .status),
            payment: try fields.decode(CheckoutSession.Payment.self, forKey: .payment),
            amount: try fields.decode(Int.self, forKey: .amount),
            currency: try fields.decode(String.self, forKey: .currency).uppercased(),
            paymentIntent: try fields.decodeIfPresent(Reference.self, forKey: .paymentIntent)?.id,
            attempt: try fields.decodeIfPresent(Metadata.self, forKey: .metadata)?.attempt,
            expiresAt: Date(timeIntervalSince1970: Double(try fields.decode(Int.self, forKey: .expiresAt))),
            isLive: try fields.decode(Bool.self, forKey: .livemode))
    }
}

/// A payment intent as Stripe writes it, as far as we read it.
struct PaymentIntentObject: Decodable {
    let intent: PaymentIntent

    private enum CodingKeys: String, CodingKey {
        case id, status, currency, livemode, metadata
        case received = "amount_received"
        case clientSecret = "client_secret"
        case lastError = "last_payment_error"
    }

    private struct LastError: Decodable { let code: String? }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        intent = PaymentIntent(
            id: try fields.decode(String.self, forKey: .id),
            status: PaymentIntent.Status(rawValue: try fields.decode(String.self, forKey: .status)),
            amountReceived: try fields.decode(Int.self, forKey: .received),
            currency: try fields.decode(String.self, forKey: .currency).uppercased(),
            attempt: try fields.decodeIfPresent(Metadata.self, forKey: .metadata)?.attempt,
            isLive: try fields.decode(Bool.self, forKey: .livemode),
            clientSecret: try fields.decodeIfPresent(String.self, forKey: .clientSecret),
            failureCode: try fields.decodeIfPresent(LastError.self, forKey: .lastError)?.code)
    }
}

/// Another object: its id, or itself where it was expanded.
struct Reference: Decodable {
    let id: String

    private enum CodingKeys: String, CodingKey { case id }

    init(from decoder: any Decoder) throws {
        if let id = try? decoder.singleValueContainer().decode(String.self) {
            self.id = id
        } else {
            id = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .id)
        }
    }
}

/// Ours, or of somebody else who uses the same account: then it names no attempt.
struct Metadata: Decodable {
    let attempt: PaymentAttempt.ID?
    let refund: Refund.ID?

    private enum CodingKeys: String, CodingKey {
        case attempt = "attempt_id"
        case refund = "refund_id"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        attempt = try fields.decodeIfPresent(String.self, forKey: .attempt).flatMap { PaymentAttempt.ID($0) }
        refund = try fields.decodeIfPresent(String.self, forKey: .refund).flatMap { Refund.ID($0) }
    }
}

/// Which field was not as expected; never what was in it.
func unreadable(_ error: any Error) -> String {
    let context: DecodingError.Context? =
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            .init(codingPath: context.codingPath + [key], debugDescription: "")
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            context
        default: nil
        }
    let path = context?.codingPath.map(\.stringValue).joined(separator: ".") ?? ""
    return path.isEmpty ? "the answer is not the JSON that was expected" : "\(path) is not what was expected"
}
