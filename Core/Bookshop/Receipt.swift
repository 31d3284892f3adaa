public import FoundationEssentials

/// Who sells, as the law wants it on a receipt.
public struct Seller: Hashable, Sendable {
    public let name: String
    public let address: [String]
    public let taxID: String?

    public init(name: String, address: [String] = [], taxID: String? = nil) {
        (self.name, self.address, self.taxID) = (name, address, taxID)
    }
}

/// What was bought, for how much, and what has come of the money since. Only a confirmed order has one: its number
/// is that of the order, and the numbers have no gaps.
public struct Receipt: Hashable, Sendable {
    public let number: Int
    public let seller: Seller
    /// Nobody, once the customer was erased.
    public let buyer: String?
    public let order: Order
    public let confirmedAt: Date
    public let payment: PaymentStanding

    /// Nothing for an order that is not confirmed.
    public init?(
        of order: Order, confirmedAt: Date?, payment: PaymentStanding, from seller: Seller, to buyer: String?
    ) {
        guard order.state == .confirmed, let number = order.number, let confirmedAt else { return nil }
        (self.number, self.seller, self.buyer, self.order) = (number, seller, buyer, order)
        (self.confirmedAt, self.payment) = (confirmedAt, payment)
    }

    /// What there is to say of taxes: a rate, and how much it comes to.
    public struct TaxLine: Hashable, Sendable {
        public let rate: String
        public let isIncluded: Bool
        public let amount: Money
    }

    /// An order has one country and so one rate; none where the shop does not know it.
    public var tax: TaxLine? {
        guard let rule = order.taxRule else { return nil }
        return TaxLine(
            rate: rule.percent, isIncluded: rule.isIncluded,
            amount: rule.isIncluded ? order.includedTax : order.tax)
    }
}

extension TaxRule {
    /// As people write it: "19 %", "5.5 %".
    public var percent: String {
        let hundredths = basisPoints % 100
        let padded = (hundredths < 10 ? "0" : "") + "\(hundredths)"
        let decimals = hundredths % 10 == 0 ? padded.prefix(1) : padded[...]
        return "\(basisPoints / 100)" + (hundredths == 0 ? "" : ".\(decimals)") + "\u{A0}%"
    }
}

/// How an order stands with money, by the ledger.
public struct PaymentStanding: Hashable, Sendable {
    public enum Status: String, CaseIterable, Codable, Sendable {
        case unpaid, paid, underpaid, overcharged, refunded
        case partiallyRefunded = "partially_refunded"
        case chargedBack = "charged_back"
        case notRequired = "no_payment_required"
    }

    public let status: Status
    public let charged: Balance
    public let refunded: Balance
    public let disputed: Balance
    /// What is left of it.
    public let net: Balance

    public init(status: Status, charged: Balance, refunded: Balance, disputed: Balance, net: Balance) {
        (self.status, self.charged, self.refunded) = (status, charged, refunded)
        (self.disputed, self.net) = (disputed, net)
    }
}
