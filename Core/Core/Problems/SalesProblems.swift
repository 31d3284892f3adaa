// The table of refusals, as far as it is about carts and orders. `type` is for programs and is never renamed.

public import Bookshop
public import Lambda

extension CartError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchBook: .notFound
        case .notOnSale: Problem(409, "not-on-sale", "This book is not sold at present.")
        case .alreadyOwned: Problem(409, "already-owned", "This book is in your library already.")
        case .full: Problem(409, "cart-full", "A cart holds at most \(Cart.maximumItems) books.")
        }
    }
}

extension CheckoutError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .emptyCart: Problem(409, "empty-cart", "There is nothing in the cart.")
        case .notOnSale(let books):
            Problem(
                409, "not-on-sale", "\(books.count) of these are no longer sold: take them out of the cart.")
        case .mixedCurrencies: Problem(409, "mixed-currencies", "One order has one currency.")
        case .alreadyOwned(let books):
            Problem(409, "already-owned", "\(books.count) of these are in your library already.")
        case .belowMinimum(let least):
            Problem(409, "below-minimum", "The least that can be paid is \(least).")
        case .tooMuch: Problem(409, "too-much", "This is more than one order can hold: order in two.")
        }
    }
}
