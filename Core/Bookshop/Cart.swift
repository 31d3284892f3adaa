/// One audiobook in a cart. There is no quantity: nobody owns a book twice.
public struct LineItem: Hashable, Sendable {
    public let audiobook: Audiobook.ID
    public let slug: Slug
    public let title: String
    /// Today's, or `nil` when the book is no longer sold in the cart's currency.
    public let price: Money?
    /// What was shown when it was put in, only to tell that it has changed.
    public let seenPrice: Money

    public init(audiobook: Audiobook.ID, slug: Slug, title: String, price: Money?, seenPrice: Money) {
        (self.audiobook, self.slug, self.title) = (audiobook, slug, title)
        (self.price, self.seenPrice) = (price, seenPrice)
    }

    public var hasPriceChanged: Bool { price != seenPrice }
}

/// Why a book does not go into a cart.
public enum CartError: Error, Equatable {
    case noSuchBook
    case notOnSale
    case alreadyOwned
    case full
}

/// Why a cart cannot become an order.
public enum CheckoutError: Error, Equatable {
    case emptyCart
    case notOnSale([Audiobook.ID])
    case mixedCurrencies
    case alreadyOwned([Audiobook.ID])
    /// The sum is neither nothing nor enough to be charged.
    case belowMinimum(Money)
    case tooMuch
}

/// What is chosen, at no fixed price: a price is agreed when the order is placed, not before.
public struct Cart: Hashable, Sendable {
    public typealias ID = Identifier<Cart>
    public let id: ID
    public let currency: Currency
    public let items: [LineItem]
    public let version: Int

    public static let maximumItems = 100

    public init(id: ID, currency: Currency, items: [LineItem], version: Int) {
        (self.id, self.currency, self.items, self.version) = (id, currency, items, version)
    }

    /// What would be paid now, as far as it is still sold.
    public var total: Money {
        Money(minorUnits: items.compactMap(\.price?.minorUnits).reduce(0, +), currency: currency)
    }

    /// What would be bought, in one currency and owned by nobody yet; or why it cannot be.
    public func checkedOut(owning owned: Set<Audiobook.ID>) throws(CheckoutError) -> OrderDraft {
        guard !items.isEmpty else { throw .emptyCart }
        let gone = items.filter { $0.price == nil }.map(\.audiobook)
        guard gone.isEmpty else { throw .notOnSale(gone) }
        let bought = items.map(\.audiobook).filter(owned.contains)
        guard bought.isEmpty else { throw .alreadyOwned(bought) }

        let lines = items.compactMap { item in
            item.price.map { OrderLine(audiobook: item.audiobook, title: item.title, price: $0) }
        }
        guard lines.allSatisfy({ $0.price.currency == currency }) else { throw .mixedCurrencies }
        let sum = lines.map(\.price.minorUnits).reduce(0, +)
        guard sum <= Money.maximumMinorUnits else { throw .tooMuch }
        let total = Money(minorUnits: sum, currency: currency)
        guard total.isFree || total.minorUnits >= currency.minimumCharge else {
            throw .belowMinimum(Money(minorUnits: currency.minimumCharge, currency: currency))
        }
        return OrderDraft(cart: id, lines: lines, total: total)
    }
}

/// Lines that were checked: only `Cart.checkedOut` makes one, so that an empty order, or one in two
/// currencies, cannot be written down.
public struct OrderDraft: Hashable, Sendable {
    public let cart: Cart.ID
    public let lines: [OrderLine]
    public let total: Money

    fileprivate init(cart: Cart.ID, lines: [OrderLine], total: Money) {
        (self.cart, self.lines, self.total) = (cart, lines, total)
    }
}
