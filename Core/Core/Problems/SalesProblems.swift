// The table of refusals, as far as it is about carts and orders. `type` is for programs and is never renamed.

public import Bookshop
public import Lambda

extension CartError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchBook: .notFound
        case .notOnSale: Problem(409, "not-on-sale", "This book is not sold at present.")
        case .alreadyOwned: Problem(409, "already-owned", "This book is in your library already.")
        case .notInCart: .notFound
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
        case .alreadyOwned(let books):
            Problem(409, "already-owned", "\(books.count) of these are in your library already.")
        case .belowMinimum(let least):
            Problem(409, "below-minimum", "The least that can be paid is \(least).")
        case .promotion(let error): error.problem
        case .tooMuch: Problem(409, "too-much", "This is more than one order can hold: order in two.")
        }
    }
}

extension GiftWishError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .recipientEmail: .invalid("/gift/recipientEmail", "an e-mail address")
        case .recipientName:
            .invalid("/gift/recipientName", "1 to \(GiftWish.maximumName) characters on one line")
        case .senderName: .invalid("/gift/senderName", "1 to \(GiftWish.maximumName) characters on one line")
        case .message: .invalid("/gift/message", "1 to \(GiftWish.maximumMessage) characters")
        case .deliverOn: .invalid("/gift/deliverOn", "a day from today on, within a year")
        }
    }
}

extension GiftError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        // Also what is no code by its form: whoever guesses learns nothing.
        case .unknown: Problem(404, "gift-unknown", "No gift is opened by this code.")
        case .notYet(let day):
            Problem(409, "gift-not-yet", "This gift may be opened from \(day.rawValue) on.")
        case .alreadyOwned:
            Problem(
                409, "already-owned", "This book is in your library already. The code stays good: pass it on."
            )
        case .redeemedByAnother: Problem(409, "gift-redeemed", "This gift has been opened.")
        case .suspended:
            Problem(409, "gift-suspended", "This gift waits until its payment's dispute is settled.")
        case .cancelled: Problem(409, "gift-cancelled", "This gift was taken back.")
        }
    }
}
