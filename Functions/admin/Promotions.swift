import Core
import FoundationEssentials

struct NewPromotion: Decodable {
    let code: String
    let percent: Int?
    let amounts: [Money]?
    let minimums: [Money]?
    /// From now on where it is left out.
    let validFrom: Date?
    let validUntil: Date?
    let maximumUses: Int?
    let audiobookIds: [Audiobook.ID]?
    let categoryIds: [Category.ID]?
    let note: String?

    func terms(now: Date) throws -> PromotionTerms {
        guard let code = PromotionCode(rawValue: code) else {
            throw PromotionTermsError.code
        }
        let reduction: Promotion.Reduction
        switch (percent, amounts) {
        case (let percent?, nil): reduction = .percent(percent)
        case (nil, let amounts?):
            guard Set(amounts).count == amounts.count else { throw PromotionTermsError.amount }
            reduction = .amounts(Set(amounts))
        default: throw PromotionTermsError.reduction
        }
        return try PromotionTerms(
            code: code, reduction: reduction, minimums: Set((minimums ?? []).filter { !$0.isFree }),
            validFrom: validFrom ?? now, validUntil: validUntil, maximumUses: maximumUses,
            audiobooks: Set(audiobookIds ?? []), categories: Set(categoryIds ?? []), note: note ?? "")
    }
}

struct ChangedPromotion: Decodable {
    /// What has ended stays so.
    let isEnded: Bool?
    let maximumUses: Int?
    let note: String?
}

/// GET /admin/promotions
func listPromotions(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.finance(request)
    try request.refuseUnknownQuery(allowing: ["cursor", "limit"])
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) { try $0.promotions(after: cursor, size: size) }
    return try .confidential(200, ListAnswer(page, PromotionAnswer.init))
}

/// POST /admin/promotions
func makePromotion(_ request: Request, in shop: Shop) throws -> Response {
    let financing = try shop.identity.finance(request)
    try request.refuseUnknownQuery()
    _ = try request.idempotencyKey
    let wish: NewPromotion = try request.decoded()
    let terms = try wish.terms(now: shop.now())
    return try shop.database.transaction { transaction in
        try transaction.once(request, of: financing.id) {
            let promotion = try transaction.make(terms, by: financing.id)
            try transaction.audit(
                "promotion.made", of: promotion.id.description, by: financing.id,
                requestID: request.invocation.id)
            return try .promotion(201, promotion)
        }
    }
}

/// PATCH /admin/promotions/{id}
func changePromotion(_ request: Request, in shop: Shop) throws -> Response {
    let financing = try shop.identity.finance(request)
    try request.refuseUnknownQuery()
    let id: Promotion.ID = try request.id(), version = try request.expectedVersion
    let wish: ChangedPromotion = try request.decoded()
    guard wish.isEnded != false else { throw PromotionTermsError.ended }
    let change = try PromotionChange(
        isEnded: wish.isEnded ?? false, maximumUses: wish.maximumUses, note: wish.note)
    return try shop.database.transaction { transaction in
        let promotion = try transaction.change(id, change, ifVersion: version.version)
        try transaction.audit(
            change.isEnded ? "promotion.ended" : "promotion.changed", of: id.description, by: financing.id,
            requestID: request.invocation.id)
        return try .promotion(200, promotion)
    }
}

struct PromotionAnswer: Encodable {
    let id: Promotion.ID
    let code: PromotionCode
    let percent: Int?
    let amounts: [Money]
    let minimums: [Money]
    let validFrom: Date
    let validUntil: Date?
    let endedAt: Date?
    let maximumUses: Int?
    let uses: Int
    let audiobookIds: [Audiobook.ID]
    let categoryIds: [Category.ID]
    let note: String
    let createdAt: Date
    let version: Int

    init(_ promotion: Promotion) {
        let terms = promotion.terms
        func sorted(_ sums: Set<Money>) -> [Money] {
            sums.sorted { $0.currency.rawValue < $1.currency.rawValue }
        }
        (id, code, percent) = (promotion.id, terms.code, terms.percent)
        (amounts, minimums) = (sorted(terms.amounts), sorted(terms.minimums))
        (validFrom, validUntil, endedAt) = (terms.validFrom, terms.validUntil, promotion.endedAt)
        (maximumUses, uses, note) = (terms.maximumUses, promotion.uses, terms.note)
        audiobookIds = terms.audiobooks.sorted { $0.description < $1.description }
        categoryIds = terms.categories.sorted { $0.description < $1.description }
        (createdAt, version) = (promotion.createdAt, promotion.version)
    }
}

extension Response {
    fileprivate static func promotion(_ status: Int, _ promotion: Promotion) throws -> Response {
        let tag = EntityTag(version: promotion.version)
        return try .confidential(status, PromotionAnswer(promotion), headers: ["etag": tag.description])
    }
}
