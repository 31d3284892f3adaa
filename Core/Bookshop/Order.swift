public import FoundationEssentials

/// One book of an order, at the price agreed.
public struct OrderLine: Hashable, Sendable {
    public let audiobook: Audiobook.ID
    public let title: String
    /// What it cost on that day.
    public let listPrice: Money
    /// What a promotion took off.
    public let discount: Money
    /// What came on top, where taxes do.
    public let tax: Money
    /// What is within the total, where prices are told with all taxes.
    public let includedTax: Money
    /// For whom, unless it is for the customer.
    public let gift: GiftWish?

    public init(
        audiobook: Audiobook.ID, title: String, listPrice: Money, discount: Money? = nil, tax: Money? = nil,
        includedTax: Money? = nil, gift: GiftWish? = nil
    ) {
        let nothing = Money(minorUnits: 0, currency: listPrice.currency)
        (self.audiobook, self.title, self.listPrice, self.gift) = (audiobook, title, listPrice, gift)
        (self.discount, self.tax, self.includedTax) = (
            discount ?? nothing, tax ?? nothing, includedTax ?? nothing
        )
        precondition(
            Set([listPrice, self.discount, self.tax, self.includedTax].map(\.currency)).count == 1,
            "a line has one currency")
    }

    /// What is paid for it.
    public var total: Money {
        Money(
            minorUnits: listPrice.minorUnits - discount.minorUnits + tax.minorUnits,
            currency: listPrice.currency)
    }

    public var isGift: Bool { gift != nil }
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
    /// By which the taxes of the lines were reckoned.
    public let taxRule: TaxRule?
    public let waiver: WithdrawalWaiver?
    public let promotion: Promotion.ID?

    public init(
        id: ID, number: Int?, customer: Customer.ID, cart: Cart.ID?, state: State, lines: [OrderLine],
        total: Money, createdAt: Date, taxRule: TaxRule? = nil, waiver: WithdrawalWaiver? = nil,
        promotion: Promotion.ID? = nil
    ) {
        (self.id, self.number, self.customer, self.cart) = (id, number, customer, cart)
        (self.state, self.lines, self.total, self.createdAt) = (state, lines, total, createdAt)
        (self.taxRule, self.waiver, self.promotion) = (taxRule, waiver, promotion)
    }

    /// At the prices of the day.
    public var subtotal: Money { sum(\.listPrice) }
    public var discount: Money { sum(\.discount) }
    public var tax: Money { sum(\.tax) }
    public var includedTax: Money { sum(\.includedTax) }

    private func sum(_ part: (OrderLine) -> Money) -> Money {
        Money(minorUnits: lines.reduce(0) { $0 + part($1).minorUnits }, currency: total.currency)
    }

    /// Whether these lines at these prices are what the cart would become now.
    public func isStill(_ draft: OrderDraft) -> Bool {
        lines == draft.lines && total == draft.total && promotion == draft.promotion
            && taxRule == draft.taxRule
    }
}
