public import Bookshop
internal import FoundationEssentials

/// One event of Stripe's: what is kept of it, and what it says. Events come in any order and more than once;
/// what they carry is how things stood when they were made, so whoever acts on one asks for the object anew.
public struct Event: Sendable {
    /// To be stored before anything else is done.
    public let record: WebhookEvent
    public let subject: Subject

    public enum Subject: Hashable, Sendable {
        case checkoutSession(SessionChange, CheckoutSession)
        case paymentIntent(PaymentIntentChange, PaymentIntent)
        /// `refund.created`, `.updated`, `.failed`.
        case refund(RefundFact)
        /// `charge.refunded` carries no refund, only how much of the payment has gone back in all.
        case chargeRefunded(paymentIntent: String?, minorUnits: Int)
        /// `charge.dispute.…`.
        case dispute(DisputeFact)
        /// `radar.early_fraud_warning.…`.
        case fraudWarning(FraudWarning)
        /// Not subscribed to: answered and passed over.
        case other
        /// One of the above, but not in the shape we know; names the field. To be kept aside for a person.
        case unreadable(String)
    }

    public enum SessionChange: String, Sendable {
        case completed, expired
        case asyncPaymentSucceeded = "async_payment_succeeded"
        case asyncPaymentFailed = "async_payment_failed"
    }

    public enum PaymentIntentChange: String, Sendable {
        case succeeded, processing, canceled
        case paymentFailed = "payment_failed"
        case requiresAction = "requires_action"
    }

    /// The bytes are no event at all: signed, and yet not what Stripe sends.
    public struct Unreadable: Error, Equatable, Sendable {
        public let reason: String
    }

    /// Only after the signature was verified.
    public init(_ body: [UInt8]) throws(Unreadable) {
        let envelope: Envelope
        do { envelope = try JSONDecoder().decode(Envelope.self, from: Data(body)) } catch {
            throw Unreadable(reason: Stripe.unreadable(error))
        }
        record = WebhookEvent(
            provider: .stripe, id: envelope.id, type: envelope.type, apiVersion: envelope.apiVersion,
            isLive: envelope.livemode, objectID: envelope.data.object.id,
            createdAt: Date(timeIntervalSince1970: Double(envelope.created)), raw: body)
        do { subject = try Self.subject(envelope.type, body) } catch {
            subject = .unreadable(Stripe.unreadable(error))
        }
    }

    /// Whether it is written as the API version we are built for, or a later one that broke nothing. Others
    /// are kept aside for a person.
    public var isOfKnownVersion: Bool {
        record.apiVersion?.split(separator: ".").last == StripeAPI.version.split(separator: ".").last
    }

    private static func subject(_ type: String, _ body: [UInt8]) throws -> Subject {
        func object<Object: Decodable>(_: Object.Type) throws -> Object {
            try JSONDecoder().decode(Carrier<Object>.self, from: Data(body)).data.object
        }
        if let change = SessionChange(type, after: "checkout.session.") {
            return .checkoutSession(change, try object(SessionObject.self).session)
        }
        if let change = PaymentIntentChange(type, after: "payment_intent.") {
            return .paymentIntent(change, try object(PaymentIntentObject.self).intent)
        }
        if let change = DisputeChange(type, after: "charge.dispute.") {
            return .dispute(try object(DisputeObject.self).dispute.moving(change.funds))
        }
        return switch type {
        case "refund.created", "refund.updated", "refund.failed":
            .refund(try object(RefundObject.self).refund)
        case "charge.refunded": try object(ChargeObject.self).subject
        case "radar.early_fraud_warning.created", "radar.early_fraud_warning.updated":
            .fraudWarning(try object(FraudWarningObject.self).warning)
        default: .other
        }
    }
}

private enum DisputeChange: String {
    case created, updated, closed
    case fundsWithdrawn = "funds_withdrawn"
    case fundsReinstated = "funds_reinstated"

    var funds: DisputeFact.Funds? {
        switch self {
        case .fundsWithdrawn: .withdrawn
        case .fundsReinstated: .reinstated
        case .created, .updated, .closed: nil
        }
    }
}

extension RawRepresentable<String> {
    fileprivate init?(_ type: String, after prefix: String) {
        guard type.hasPrefix(prefix) else { return nil }
        self.init(rawValue: String(type.dropFirst(prefix.count)))
    }
}

private struct Envelope: Decodable {
    struct Contents: Decodable { let object: Named }
    struct Named: Decodable { let id: String? }

    let id: String
    let type: String
    let apiVersion: String?
    let created: Int
    let livemode: Bool
    let data: Contents

    private enum CodingKeys: String, CodingKey {
        case id, type, created, livemode, data
        case apiVersion = "api_version"
    }
}

private struct Carrier<Object: Decodable>: Decodable {
    struct Contents: Decodable { let object: Object }
    let data: Contents
}
