import Bookshop
import Foundation
import Testing

@Suite struct CartTests {
    private func item(_ price: Int?, _ currency: Currency = .eur, seen: Int = 1499) -> LineItem {
        LineItem(
            audiobook: Audiobook.ID(), slug: Slug(of: "Emma"), title: "Emma",
            price: price.map { Money(minorUnits: $0, currency: currency) },
            seenPrice: Money(minorUnits: seen, currency: currency))
    }

    private func cart(_ items: [LineItem], in currency: Currency = .eur) -> Cart {
        Cart(id: Cart.ID(), currency: currency, items: items, version: 1)
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

    @Test func `one order has one currency`() {
        #expect(throws: CheckoutError.mixedCurrencies) {
            try cart([item(1499), item(1499, .usd)]).checkedOut(owning: [])
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
