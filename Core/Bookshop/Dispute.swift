public import FoundationEssentials

/// What the provider says of a payment that the customer's bank disputes.
public struct DisputeFact: Hashable, Sendable {
    /// The only two tellings by which money moves.
    public enum Funds: String, Sendable { case withdrawn, reinstated }

    public let id: String
    public let paymentIntent: String?
    public let amount: Int
    /// In capitals.
    public let currency: String
    /// In the provider's words.
    public let status: String
    public let reason: String
    public let isChargeRefundable: Bool
    public let evidenceDueAt: Date?
    public let evidenceSubmissions: Int
    public let funds: Funds?

    public init(
        id: String, paymentIntent: String?, amount: Int, currency: String, status: String, reason: String,
        isChargeRefundable: Bool, evidenceDueAt: Date?, evidenceSubmissions: Int, funds: Funds?
    ) {
        (self.id, self.paymentIntent, self.amount) = (id, paymentIntent, amount)
        (self.currency, self.status, self.reason) = (currency, status, reason)
        (self.isChargeRefundable, self.evidenceDueAt) = (isChargeRefundable, evidenceDueAt)
        (self.evidenceSubmissions, self.funds) = (evidenceSubmissions, funds)
    }

    /// By another event than the one that carried it.
    public func moving(_ funds: Funds?) -> DisputeFact {
        DisputeFact(
            id: id, paymentIntent: paymentIntent, amount: amount, currency: currency, status: status,
            reason: reason, isChargeRefundable: isChargeRefundable, evidenceDueAt: evidenceDueAt,
            evidenceSubmissions: evidenceSubmissions, funds: funds)
    }
}

/// That a bank suspects a payment to be none of its customer's.
public struct FraudWarning: Hashable, Sendable {
    public let id: String
    public let paymentIntent: String?
    public let type: String

    public init(id: String, paymentIntent: String?, type: String) {
        (self.id, self.paymentIntent, self.type) = (id, paymentIntent, type)
    }
}

/// What a fact about a payment came to.
public enum FactOutcome: String, Sendable {
    case recorded
    /// Of a payment nobody has told us of yet.
    case unknown
    /// Not in a shape we know: kept aside for a person, nothing was written.
    case park
}

/// What was handed out of a disputed order: one line of the evidence.
public struct AccessEvidence: Hashable, Sendable {
    public let title: String
    public let at: Date
    public let action: AccessRecord.Action
    public let ip: String?
    public let userAgent: String?

    public init(title: String, at: Date, action: AccessRecord.Action, ip: String?, userAgent: String?) {
        (self.title, self.at, self.action, self.ip) = (title, at, action, ip)
        self.userAgent = userAgent
    }
}
