import Bookshop
import Foundation
import Testing

@Suite struct CartTests {
    private func item(
        _ price: Int?, _ currency: Currency = .eur, seen: Int = 1499, gift: GiftWish? = nil
    ) -> LineItem {
        LineItem(
            audiobook: Audiobook.ID(), slug: Slug(of: "Emma"), title: "Emma",
            price: price.map { Money(minorUnits: $0, currency: currency) },
            seenPrice: Money(minorUnits: seen, currency: currency), gift: gift)
    }

    private func cart(
        _ items: [LineItem], in currency: Currency = .eur, promotion: EnteredPromotion? = nil
    ) -> Cart {
        Cart(id: Cart.ID(), currency: currency, items: items, version: 1, promotion: promotion)
    }

    private func promotion(
        _ percent: Int, on items: [LineItem], _ standing: EnteredPromotion.Standing = .good
    )
        -> EnteredPromotion
    {
        EnteredPromotion(
            id: Promotion.ID(), code: PromotionCode(rawValue: "SPRING")!, standing: standing,
            reduction: .percent(percent), minimum: nil, audiobooks: Set(items.map(\.audiobook)))
    }

    @Test func `an empty cart cannot be checked out`() {
        #expect(throws: CheckoutError.emptyCart) { try cart([]).checkedOut(owning: []) }
    }

    @Test func `an order is the sum of its lines`() throws {
        let cart = cart([item(1499), item(999)])
        let draft = try cart.checkedOut(owning: [])
        #expect(draft.total == Money(minorUnits: 2498, currency: .eur))
        #expect(draft.lines.map(\.audiobook) == cart.items.map(\.audiobook))
        #expect(cart.total == draft.total)
    }

    @Test func `what is owned or no longer sold is not bought`() {
        let owned = item(1499), gone = item(nil)
        #expect(throws: CheckoutError.alreadyOwned([owned.audiobook])) {
            try cart([item(999), owned]).checkedOut(owning: [owned.audiobook])
        }
        #expect(throws: CheckoutError.notOnSale([gone.audiobook])) {
            try cart([item(999), gone]).checkedOut(owning: [])
        }
    }

    @Test func `what one owns may be bought for somebody else`() throws {
        let wish = GiftWish(recipientEmail: EmailAddress(rawValue: "ada@id.test")!)
        let owned = item(1499, gift: wish)
        let draft = try cart([owned]).checkedOut(owning: [owned.audiobook])
        #expect(draft.lines.map(\.gift) == [wish])
    }

    @Test func `a discount is divided among the lines, and the tax within them is told beside`() throws {
        let items = [item(1499), item(999)]
        let cart = cart(items, promotion: promotion(10, on: items))
        let rule = TaxRule(country: .germany, basisPoints: 700, isIncluded: true)
        let draft = try cart.checkedOut(owning: [], taxedBy: rule)
        #expect(draft.lines.map(\.discount.minorUnits) == [150, 100])
        #expect(draft.lines.map(\.includedTax.minorUnits) == [88, 59])
        #expect(draft.lines.map(\.tax.minorUnits) == [0, 0])
        #expect(draft.total.minorUnits == 2248 && cart.total == draft.total)
        #expect(draft.promotion == cart.promotion?.id && draft.taxRule == rule)
    }

    @Test func `a tax that is not in the price comes on top`() throws {
        let rule = TaxRule(country: Country(rawValue: "CA")!, basisPoints: 500, isIncluded: false)
        let draft = try cart([item(1499), item(999)]).checkedOut(owning: [], taxedBy: rule)
        #expect(draft.lines.map(\.tax.minorUnits) == [75, 50] && draft.total.minorUnits == 2623)
        #expect(draft.lines.map(\.total.minorUnits) == [1574, 1049])
    }

    @Test func `a code that does not help any more takes nothing off, and nobody pays that unawares`() throws
    {
        let items = [item(1499)]
        let cart = cart(items, promotion: promotion(10, on: items, .usedUp))
        #expect(cart.total.minorUnits == 1499)
        #expect(throws: CheckoutError.promotion(.usedUp)) { try cart.checkedOut(owning: []) }
        let all = self.cart(items, promotion: promotion(100, on: items))
        #expect(try all.checkedOut(owning: []).total.isFree)
        let almost = self.cart(items, promotion: promotion(99, on: items))
        #expect(throws: CheckoutError.belowMinimum(Money(minorUnits: 50, currency: .eur))) {
            try almost.checkedOut(owning: [])
        }
    }

    @Test(arguments: [(0, true), (49, false), (50, true)])
    func `a sum is nothing or enough to be charged`(price: Int, isTaken: Bool) throws {
        let cart = cart([item(price)])
        if isTaken {
            #expect(try cart.checkedOut(owning: []).total.minorUnits == price)
        } else {
            let minimum = Money(minorUnits: 50, currency: .eur)
            #expect(throws: CheckoutError.belowMinimum(minimum)) { try cart.checkedOut(owning: []) }
        }
    }

    @Test func `a price that changed is told`() {
        #expect(!item(1499, seen: 1499).hasPriceChanged)
        #expect(item(1500, seen: 1499).hasPriceChanged)
        #expect(item(nil).hasPriceChanged)
    }

    @Test func `an order is still the cart only as long as nothing changed`() throws {
        let first = item(1499)
        let draft = try cart([first]).checkedOut(owning: [])
        let order = Order(
            id: Order.ID(), number: nil, customer: Customer.ID(), cart: draft.cart, state: .pending,
            lines: draft.lines, total: draft.total, createdAt: Date())
        #expect(order.isStill(draft))
        #expect(!order.isStill(try cart([first, item(999)]).checkedOut(owning: [])))
        let rule = TaxRule(country: .germany, basisPoints: 0, isIncluded: true)
        #expect(!order.isStill(try cart([first]).checkedOut(owning: [], taxedBy: rule)), "other terms")
    }

    @Test(arguments: [
        (CheckoutSession.Status.complete, CheckoutSession.Payment.paid, true),
        (.complete, .notRequired, true),
        (.complete, .unpaid, false), (.open, .unpaid, false), (.expired, .unpaid, false),
    ])
    func `a session is a payment only when it was paid`(
        status: CheckoutSession.Status, payment: CheckoutSession.Payment, isPaid: Bool
    ) {
        let session = CheckoutSession(
            id: "cs_1", url: nil, status: status, payment: payment, amount: 1499, currency: "EUR",
            paymentIntent: "pi_1", attempt: PaymentAttempt.ID(), expiresAt: Date(), isLive: false)
        #expect((session.fact(toldBy: "evt_1", at: Date()) != nil) == isPaid)
    }
}
