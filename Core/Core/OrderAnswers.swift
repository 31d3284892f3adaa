public import Bookshop
import FoundationEssentials

/// One book of an order as the API tells it.
public struct OrderLineAnswer: Encodable {
    public let audiobookId: Audiobook.ID
    public let title: String
    public let listPrice: Money
    public let discount: Money
    public let tax: Money
    public let includedTax: Money
    public let total: Money
    public let gift: GiftLineAnswer?

    public init(_ line: OrderLine) {
        (audiobookId, title, listPrice) = (line.audiobook, line.title, line.listPrice)
        (discount, tax, includedTax) = (line.discount, line.tax, line.includedTax)
        (total, gift) = (line.total, line.gift.map(GiftLineAnswer.init))
    }
}

/// For whom a line is, where it is not for the customer.
public struct GiftLineAnswer: Encodable {
    public let recipientEmail: String
    public let recipientName: String?
    public let deliverOn: Day?

    init(_ gift: GiftWish) {
        (recipientEmail, recipientName) = (gift.recipientEmail.rawValue, gift.recipientName)
        deliverOn = gift.deliverOn
    }
}

/// By which rule the taxes of an order were reckoned.
public struct TaxRuleAnswer: Encodable {
    public let country: Country
    public let basisPoints: Int
    public let isIncluded: Bool

    public init(_ rule: TaxRule) {
        (country, basisPoints, isIncluded) = (rule.country, rule.basisPoints, rule.isIncluded)
    }
}
