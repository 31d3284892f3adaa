public import Bookshop
import FoundationEssentials
public import Postgres

extension Gift: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], order: try row["order_id"], audiobook: try row["audiobook_id"],
            slug: try row["slug"], title: try row["title"], recipientEmail: try row["recipient_email"],
            recipientName: try row["recipient_name"], senderName: try row["sender_name"],
            message: try row["message"], deliverOn: try row["deliver_on"], state: try row["state"],
            givenAt: try row["given_at"], redeemedAt: try row["redeemed_at"], codeHash: try row["code_hash"])
    }
}

/// What somebody opened.
public struct OpenedGift: Hashable, Sendable {
    public let id: Gift.ID
    public let audiobook: Audiobook.ID
}

private struct Opening: RowDecodable {
    let outcome: String
    let gift: Gift.ID?
    let audiobook: Audiobook.ID?
    let opensOn: Day?

    init(_ row: borrowing Row) throws(PostgresError) {
        (outcome, gift) = (try row["outcome"], try row["gift"])
        (audiobook, opensOn) = (try row["audiobook"], try row["opens_on"])
    }
}

extension Transaction {
    /// What a customer has given and paid for, the newest first, a page at a time.
    public func gifts(
        givenBy customer: Customer.ID, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<Gift> {
        var beyond: SQL = "true"
        if let cursor {
            guard cursor.list == "gifts", let given = Date(sqlText: cursor.key) else { throw ForeignCursor() }
            beyond = "(given_at, gift.id) < (\(given)::timestamptz, \(cursor.id)::uuid)"
        }
        let gifts: [Gift] = try all(
            """
            SELECT gift.id, gift.order_id, line.audiobook_id, slug, line.title, recipient_email,
                recipient_name, sender_name, message, deliver_on, gift.state, given_at, redeemed_at, code_hash
            FROM sales.gifts AS gift
                JOIN sales.orders AS bought ON bought.id = gift.order_id
                JOIN sales.order_lines AS line
                    ON line.order_id = gift.order_id AND line.line_number = gift.line_number
                JOIN catalogue.audiobooks AS book ON book.id = line.audiobook_id
            WHERE bought.user_id = \(customer) AND given_at IS NOT NULL AND \(beyond)
            ORDER BY given_at DESC, gift.id DESC LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(gifts, size: size) {
            Cursor(list: "gifts", key: $0.givenAt.sqlText, id: $0.id.rawValue)
        }
    }

    /// Opens a gift by the hash of its code, once; for the one who opened it, as often as they like.
    ///
    /// Throws `GiftError` when it opens nothing for them now.
    public func redeemGift(codeHash: [UInt8], by customer: Customer.ID) throws -> OpenedGift {
        let opening: Opening = try certain(
            "SELECT outcome, gift, audiobook, opens_on FROM sales.redeem_gift(\(codeHash), \(customer))")
        switch opening.outcome {
        case "redeemed":
            guard let gift = opening.gift, let audiobook = opening.audiobook else { throw GiftError.unknown }
            return OpenedGift(id: gift, audiobook: audiobook)
        case "not-yet":
            guard let day = opening.opensOn else { throw GiftError.unknown }
            throw GiftError.notYet(day)
        case "already-owned": throw GiftError.alreadyOwned
        case "redeemed-by-another": throw GiftError.redeemedByAnother
        case "suspended": throw GiftError.suspended
        case "cancelled": throw GiftError.cancelled
        default: throw GiftError.unknown
        }
    }
}
