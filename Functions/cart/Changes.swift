import Core
import FoundationEssentials

/// What a request asks to be done to a cart.
enum Change {
    case nothing, clear, removePromotion
    case add(Audiobook.ID, GiftWish?, Currency)
    case give(Audiobook.ID, GiftWish?)
    case remove(Audiobook.ID)
    /// A text that is no code is no promotion's.
    case enter(PromotionCode?)

    init(_ request: Request, in shop: Shop) throws {
        switch request.route {
        case "GET /api/v1/cart": self = .nothing
        case "POST /api/v1/cart/items":
            let item: NewItem = try request.decoded()
            self = .add(
                item.audiobookId, try item.gift?.wish(now: shop.now()), item.currency ?? shop.currency)
        case "PUT /api/v1/cart/items/{id}":
            let book: Audiobook.ID = try request.id()
            let item: ChangedItem = try request.decoded()
            self = .give(book, try item.gift?.wish(now: shop.now()))
        case "DELETE /api/v1/cart/items/{id}": self = .remove(try request.id())
        case "POST /api/v1/cart/clear": self = .clear
        case "POST /api/v1/cart/promotion":
            let entry: PromotionEntry = try request.decoded()
            self = .enter(PromotionCode(rawValue: entry.code))
        case "DELETE /api/v1/cart/promotion": self = .removePromotion
        default: throw Problem.notFound
        }
    }

    /// What cannot be done where there is no cart; all else is done already.
    func refuseWithoutCart() throws {
        switch self {
        case .give: throw CartError.notInCart
        case .enter: throw CheckoutError.emptyCart
        case .nothing, .clear, .removePromotion, .remove, .add: break
        }
    }
}

struct NewItem: Decodable {
    let audiobookId: Audiobook.ID
    let currency: Currency?
    let gift: GiftRequest?
}

struct ChangedItem: Decodable {
    /// Left out, it is for whoever buys.
    let gift: GiftRequest?
}

struct GiftRequest: Decodable {
    let recipientEmail: String
    let recipientName: String?
    let senderName: String?
    let message: String?
    let deliverOn: Day?

    func wish(now: Date) throws(GiftWishError) -> GiftWish {
        try GiftWish(
            recipientEmail: recipientEmail, recipientName: recipientName, senderName: senderName,
            message: message, deliverOn: deliverOn, now: now)
    }
}

struct PromotionEntry: Decodable {
    let code: String
}

/// Who is here: by their sign-in or by their cookie; and what a guest would be known by from now on.
struct Visit {
    let known: CartOwner?
    let fresh: GuestCookie.Fresh
}

extension Transaction {
    /// Whose cart a change is made in. A guest whose token opens no cart any more gets another token with the
    /// next book: nobody chooses what they are known by.
    func owner(of visit: Visit, for change: Change) throws -> CartOwner? {
        if case .customer = visit.known { return visit.known }
        if let known = visit.known, try cart(of: known) != nil { return known }
        if case .add = change { return visit.fresh.owner }
        return nil
    }

    func make(_ change: Change, inCartOf owner: CartOwner) throws {
        switch change {
        case .nothing: break
        case .add(let book, let gift, let currency):
            try add(book, as: gift, toCartOf: owner, in: currency)
        case .give(let book, let gift): try self.change(book, to: gift, inCartOf: owner)
        case .remove(let book): try remove(book, fromCartOf: owner)
        case .clear: try clearCart(of: owner)
        case .enter(let code):
            guard let code else { throw PromotionError.unknown }
            try enter(code, intoCartOf: owner)
        case .removePromotion: try removePromotion(fromCartOf: owner)
        }
    }
}
