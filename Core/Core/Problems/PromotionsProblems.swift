// The table of refusals, as far as it is about promotions. `type` is for programs and is never renamed.

public import Bookshop
public import Lambda
public import Records

extension PromotionError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .unknown: Problem(409, "promotion-unknown", "There is no such code.")
        case .notYet: Problem(409, "promotion-not-yet", "This code is not good yet.")
        case .ended: Problem(409, "promotion-ended", "This code is no longer good.")
        case .usedUp: Problem(409, "promotion-used-up", "This code has been used as often as it may be.")
        case .usedBefore:
            Problem(409, "promotion-used-before", "You have used this code: each customer may use it once.")
        case .notApplicable:
            Problem(409, "promotion-not-applicable", "This code is for nothing that is in the cart.")
        case .belowMinimum(let least):
            Problem(409, "promotion-minimum", "This code is good from \(least) on, of what it is for.")
        }
    }
}

extension PromotionTermsError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .code: .invalid("/code", "3 to 40 letters and digits of ASCII, with single hyphens between them")
        case .reduction: .invalid("/percent", "either a percentage or amounts")
        case .percent: .invalid("/percent", "1 to 100")
        case .amount: .invalid("/amounts", "an amount that can be paid, one for each currency")
        case .validity: .invalid("/validUntil", "a time after it begins")
        case .maximumUses: .invalid("/maximumUses", "1 to \(PromotionTerms.maximumUsesEver)")
        case .note: .invalid("/note", "at most 500 characters")
        case .minimum: .invalid("/minimums", "one for each currency, and of those it is good in")
        case .restrictions:
            .invalid("/audiobookIds", "at most \(PromotionTerms.maximumRestrictions) books and categories")
        case .ended: .invalid("/isEnded", "true: what has ended stays so")
        }
    }
}

extension PromotionChangeError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchPromotion: .notFound
        case .changedMeanwhile: .stale
        case .codeTaken: Problem(409, "promotion-exists", "There is, or was, a promotion of this code.")
        case .noSuchRestriction: .invalid("/audiobookIds", "books and categories that are there")
        case .usedMoreOften: Problem(409, "promotion-used-more", "It has been used more often than that.")
        }
    }
}
