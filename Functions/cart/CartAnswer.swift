import Core

/// A cart at today's prices.
struct CartAnswer: Encodable {
    let items: [Item]
    let subtotal: Money
    let discount: Money
    let total: Money
    let promotion: Promotion?
    let version: Int
    /// What became of a guest's books, where they were just united with the customer's.
    let merged: [Merged]?

    struct Item: Encodable {
        let audiobookId: Audiobook.ID
        let slug: Slug
        let title: String
        /// Absent when the book is no longer sold.
        let price: Money?
        let seenPrice: Money
        let hasPriceChanged: Bool
        let isSold: Bool
        let gift: GiftWish?

        init(_ item: LineItem) {
            (audiobookId, slug, title) = (item.audiobook, item.slug, item.title)
            (price, seenPrice, hasPriceChanged) = (item.price, item.seenPrice, item.hasPriceChanged)
            (isSold, gift) = (item.isSold, item.gift)
        }
    }

    struct Promotion: Encodable {
        let code: PromotionCode
        let isGood: Bool
        /// Why it takes nothing off at present: a type of problem, and the same for people.
        let reason: String?
        let detail: String?

        init(_ promotion: EnteredPromotion, _ problem: Problem?) {
            (code, isGood) = (promotion.code, problem == nil)
            (reason, detail) = (problem?.type, problem?.detail)
        }
    }

    struct Merged: Encodable {
        let audiobookId: Audiobook.ID
        let title: String
        let outcome: CartMerge.Fate
    }

    /// Who never chose anything has an empty cart, in the shop's own currency.
    init(_ cart: Cart?, in currency: Currency, merged: CartMerge? = nil) {
        let cart = cart ?? Cart(id: Cart.ID(), currency: currency, items: [], version: 0)
        items = cart.items.map(Item.init)
        (subtotal, total, version) = (cart.subtotal, cart.total, cart.version)
        discount = Money(minorUnits: subtotal.minorUnits - total.minorUnits, currency: subtotal.currency)
        var problem: Problem?
        do throws(PromotionError) { _ = try cart.discount() } catch { problem = error.problem }
        promotion = cart.promotion.map { Promotion($0, problem) }
        self.merged = merged?.items.map {
            Merged(audiobookId: $0.audiobook, title: $0.title, outcome: $0.fate)
        }
    }
}
