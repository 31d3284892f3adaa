public import Bookshop
public import Foundation
public import Postgres
import Records

extension Transaction {
    /// A promotion that began a moment ago.
    @discardableResult
    public func promoting(
        _ code: String, _ reduction: Promotion.Reduction, minimums: Set<Money> = [], maximumUses: Int? = nil,
        audiobooks: Set<Audiobook.ID> = [], categories: Set<Category.ID> = [], validFrom: Date = Date() - 60,
        validUntil: Date? = nil, by admin: Principal.ID
    ) throws -> Promotion.ID {
        let terms = try PromotionTerms(
            code: PromotionCode(rawValue: code)!, reduction: reduction, minimums: minimums,
            validFrom: validFrom,
            validUntil: validUntil, maximumUses: maximumUses, audiobooks: audiobooks, categories: categories)
        return try make(terms, by: admin).id
    }
}

extension GiftWish {
    public static var forAda: GiftWish { GiftWish(recipientEmail: EmailAddress(rawValue: "ada@id.test")!) }
}
