public import FoundationEssentials

/// One book of an order, at the price agreed.
public struct OrderLine: Hashable, Sendable {
    public let audiobook: Audiobook.ID
    public let title: String
    public let price: Money

    public init(audiobook: Audiobook.ID, title: String, price: Money) {
        (self.audiobook, self.title, self.price) = (audiobook, title, price)
    }
}

/// What was placed, at agreed prices.
public struct Order: Hashable, Sendable {
    public typealias ID = Identifier<Order>

    public enum State: String, CaseIterable, Codable, Sendable {
        case pending, confirmed, cancelled, expired
    }

    public let id: ID
    /// Without gaps, given at confirmation.
    public let number: Int?
    public let customer: Customer.ID
    public let cart: Cart.ID?
    public let state: State
    public let lines: [OrderLine]
    public let total: Money
    public let createdAt: Date

    public init(
        id: ID, number: Int?, customer: Customer.ID, cart: Cart.ID?, state: State, lines: [OrderLine],
        total: Money, createdAt: Date
    ) {
        (self.id, self.number, self.customer, self.cart) = (id, number, customer, cart)
        (self.state, self.lines, self.total, self.createdAt) = (state, lines, total, createdAt)
    }

    /// Whether these lines at these prices are what the cart would become now.
    public func isStill(_ draft: OrderDraft) -> Bool { lines == draft.lines && total == draft.total }
}

/// That the customer wants the download at once and knows that the right of withdrawal ends with it
/// (Directive 2011/83/EU, Art. 16 (m)), by the version of the text shown.
public struct WithdrawalWaiver: Hashable, Sendable {
    public let textVersion: String
    public init(textVersion: String) { self.textVersion = textVersion }
}
