/// One audiobook in a cart. There is no quantity: nobody owns a book twice.
public struct LineItem: Hashable, Sendable {
    public let audiobook: Audiobook.ID
    public let slug: Slug
    public let title: String
    /// Today's, or `nil` when the book is no longer sold in the cart's currency.
    public let price: Money?
    /// What was shown when it was put in, only to tell that it has changed.
    public let seenPrice: Money
    /// For whom, unless it is for whoever buys.
    public let gift: GiftWish?

    public init(
        audiobook: Audiobook.ID, slug: Slug, title: String, price: Money?, seenPrice: Money,
        gift: GiftWish? = nil
    ) {
        (self.audiobook, self.slug, self.title) = (audiobook, slug, title)
        (self.price, self.seenPrice, self.gift) = (price, seenPrice, gift)
    }

    public var hasPriceChanged: Bool { price != seenPrice }
    public var isSold: Bool { price != nil }
}

/// Why a book does not go into a cart.
public enum CartError: Error, Equatable {
    case noSuchBook
    case notOnSale
    case alreadyOwned
    case full
    /// What is not in the cart cannot be made a gift.
    case notInCart
}

/// Why a cart cannot become an order.
public enum CheckoutError: Error, Equatable {
    case emptyCart
    case notOnSale([Audiobook.ID])
    case alreadyOwned([Audiobook.ID])
    /// The sum is neither nothing nor enough to be charged.
    case belowMinimum(Money)
    case tooMuch
    /// Nobody pays more than they were shown because a code stopped helping.
    case promotion(PromotionError)
}

/// What is chosen, at no fixed price: a price is agreed when the order is placed, not before.
public struct Cart: Hashable, Sendable {
    public typealias ID = Identifier<Cart>
    public let id: ID
    public let currency: Currency
    public let items: [LineItem]
    public let version: Int
    public let promotion: EnteredPromotion?

    public static let maximumItems = 100

    public init(
        id: ID, currency: Currency, items: [LineItem], version: Int, promotion: EnteredPromotion? = nil
    ) {
        precondition(
            items.allSatisfy { $0.price.map { $0.currency == currency } ?? true },
            "what is in a cart is priced in its currency")
        (self.id, self.currency, self.items, self.version) = (id, currency, items, version)
        self.promotion = promotion
    }

    /// What it costs now at the prices of the day, as far as it is still sold.
    public var subtotal: Money { sum(items.compactMap(\.price)) }

    /// What the promotion takes off now.
    public func discount() throws(PromotionError) -> Money { sum(try discounts(on: sold)) }

    /// What would be paid now. A code that does not help takes nothing off.
    public var total: Money {
        let discount = (try? discount())?.minorUnits ?? 0
        return Money(minorUnits: subtotal.minorUnits - discount, currency: currency)
    }

    /// What would be bought, and is owned by nobody yet; or why it cannot be.
    /// What the customer has already is bought again only for others.
    public func checkedOut(
        owning owned: Set<Audiobook.ID>, taxedBy rule: TaxRule? = nil
    ) throws(CheckoutError) -> OrderDraft {
        guard !items.isEmpty else { throw .emptyCart }
        let gone = items.filter { !$0.isSold }.map(\.audiobook)
        guard gone.isEmpty else { throw .notOnSale(gone) }
        let bought = items.filter { $0.gift == nil }.map(\.audiobook).filter(owned.contains)
        guard bought.isEmpty else { throw .alreadyOwned(bought) }
        guard sold.reduce(0, { $0 + $1.price.minorUnits }) <= Money.maximumMinorUnits / 2 else {
            throw .tooMuch
        }

        let discounts: [Money]
        do { discounts = try self.discounts(on: sold) } catch { throw .promotion(error) }
        let lines = zip(zip(items, sold), discounts).map { pair, discount in
            line(pair.0, at: pair.1.price, less: discount, taxedBy: rule)
        }
        let total = sum(lines.map(\.total))
        guard total.isFree || total.minorUnits >= currency.minimumCharge else {
            throw .belowMinimum(Money(minorUnits: currency.minimumCharge, currency: currency))
        }
        return OrderDraft(cart: id, lines: lines, total: total, promotion: promotion?.id, taxRule: rule)
    }

    private var sold: [(audiobook: Audiobook.ID, price: Money)] {
        items.compactMap { item in item.price.map { (item.audiobook, $0) } }
    }

    private func discounts(
        on books: [(audiobook: Audiobook.ID, price: Money)]
    ) throws(PromotionError) -> [Money] {
        guard let promotion else { return books.map { _ in sum([]) } }
        return try promotion.discounts(on: books)
    }

    private func line(
        _ item: LineItem, at price: Money, less discount: Money, taxedBy rule: TaxRule?
    ) -> OrderLine {
        let paid = Money(minorUnits: price.minorUnits - discount.minorUnits, currency: currency)
        let tax = rule?.tax(on: paid)
        return OrderLine(
            audiobook: item.audiobook, title: item.title, listPrice: price, discount: discount,
            tax: rule?.isIncluded == false ? tax : nil, includedTax: rule?.isIncluded == true ? tax : nil,
            gift: item.gift)
    }

    private func sum(_ amounts: [Money]) -> Money {
        Money(minorUnits: amounts.reduce(0) { $0 + $1.minorUnits }, currency: currency)
    }
}

/// Lines that were checked: only `Cart.checkedOut` makes one, so that an empty order, or one in two
/// currencies, cannot be written down.
public struct OrderDraft: Hashable, Sendable {
    public let cart: Cart.ID
    public let lines: [OrderLine]
    public let total: Money
    public let promotion: Promotion.ID?
    public let taxRule: TaxRule?

    fileprivate init(
        cart: Cart.ID, lines: [OrderLine], total: Money, promotion: Promotion.ID?, taxRule: TaxRule?
    ) {
        (self.cart, self.lines, self.total) = (cart, lines, total)
        (self.promotion, self.taxRule) = (promotion, taxRule)
    }
}
