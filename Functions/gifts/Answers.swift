import Core
import FoundationEssentials

struct GiftAnswer: Encodable {
    let id: Gift.ID
    let orderId: Order.ID
    let audiobookId: Audiobook.ID
    let slug: Slug
    let title: String
    let recipientEmail: String?
    let recipientName: String?
    let senderName: String?
    let message: String?
    let deliverOn: Day?
    let state: Gift.State
    let givenAt: Date
    let redeemedAt: Date?
    /// As long as it opens something.
    let code: String?
    /// The code is in the fragment, which no browser sends to any server.
    let link: String?

    init(_ gift: Gift, _ code: GiftCode?, storeURL: String) {
        (id, orderId, audiobookId) = (gift.id, gift.order, gift.audiobook)
        (slug, title, state) = (gift.slug, gift.title, gift.state)
        (recipientEmail, recipientName) = (gift.recipientEmail, gift.recipientName)
        (senderName, message, deliverOn) = (gift.senderName, gift.message, gift.deliverOn)
        (givenAt, redeemedAt) = (gift.givenAt, gift.redeemedAt)
        let shown = gift.state == .waiting ? code : nil
        self.code = shown?.grouped
        link = shown.map { "\(storeURL)/gifts/redeem#\($0.grouped)" }
    }
}

struct RedeemedAnswer: Encodable {
    let giftId: Gift.ID
    let audiobookId: Audiobook.ID
}
