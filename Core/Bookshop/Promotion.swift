public import FoundationEssentials

/// What somebody types to pay less. Case and the blanks around it do not matter.
public struct PromotionCode: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String
    public static let lengths = 3...40

    public init?(rawValue: String) {
        let code = rawValue.uppercased().split(separator: " ").joined()
        let words = code.split(separator: "-", omittingEmptySubsequences: false)
        guard Self.lengths.contains(code.utf8.count),
            words.allSatisfy({ word in
                !word.isEmpty && word.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            })
        else { return nil }
        self.rawValue = code
    }
}

/// A code that makes orders cheaper, as those who run the shop see it.
public struct Promotion: Hashable, Sendable {
    public typealias ID = Identifier<Promotion>

    public enum Reduction: Hashable, Sendable {
        case percent(Int)
        case amounts(Set<Money>)
    }

    public let id: ID
    public let terms: PromotionTerms
    public let uses: Int
    public let endedAt: Date?
    public let createdAt: Date
    public let version: Int

    public init(
        id: ID, terms: PromotionTerms, uses: Int, endedAt: Date?, createdAt: Date, version: Int
    ) {
        (self.id, self.terms, self.uses) = (id, terms, uses)
        (self.endedAt, self.createdAt, self.version) = (endedAt, createdAt, version)
    }
}

/// Which terms of a promotion make no sense.
public enum PromotionTermsError: Error, Equatable {
    case code, reduction, percent, amount, validity, maximumUses, note, minimum, restrictions, ended
}

/// What a promotion promises. Only what makes sense can be made.
public struct PromotionTerms: Hashable, Sendable {
    public let code: PromotionCode
    public let reduction: Promotion.Reduction
    /// From which sum on, in each currency. A promotion by percent that names any is good in no other.
    public let minimums: Set<Money>
    public let validFrom: Date
    public let validUntil: Date?
    /// Without one, as often as there are customers: each may use it once.
    public let maximumUses: Int?
    /// What it is for; naming neither, it is for all.
    public let audiobooks: Set<Audiobook.ID>
    public let categories: Set<Category.ID>
    /// For those who run the shop.
    public let note: String

    public static let maximumUsesEver = 1_000_000_000
    public static let maximumRestrictions = 200

    public init(
        code: PromotionCode, reduction: Promotion.Reduction, minimums: Set<Money> = [], validFrom: Date,
        validUntil: Date? = nil, maximumUses: Int? = nil, audiobooks: Set<Audiobook.ID> = [],
        categories: Set<Category.ID> = [], note: String = ""
    ) throws(PromotionTermsError) {
        switch reduction {
        case .percent(let percent): guard (1...100).contains(percent) else { throw .percent }
        case .amounts(let amounts):
            guard !amounts.isEmpty, Set(amounts.map(\.currency)).count == amounts.count,
                amounts.allSatisfy({ !$0.isFree && $0.minorUnits.isMultiple(of: $0.currency.multiple) })
            else { throw .amount }
            guard Set(minimums.map(\.currency)).isSubset(of: amounts.map(\.currency)) else { throw .minimum }
        }
        guard Set(minimums.map(\.currency)).count == minimums.count else { throw .minimum }
        if let validUntil { guard validFrom < validUntil else { throw .validity } }
        if let maximumUses {
            guard (1...Self.maximumUsesEver).contains(maximumUses) else { throw .maximumUses }
        }
        guard audiobooks.count + categories.count <= Self.maximumRestrictions else { throw .restrictions }
        guard Self.isNote(note) else { throw .note }
        (self.code, self.reduction, self.minimums) = (code, reduction, minimums)
        (self.validFrom, self.validUntil, self.maximumUses) = (validFrom, validUntil, maximumUses)
        (self.audiobooks, self.categories, self.note) = (audiobooks, categories, note)
    }

    static func isNote(_ text: String) -> Bool {
        text.unicodeScalars.count <= 500
            && !text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" }
    }

    public var percent: Int? {
        guard case .percent(let percent) = reduction else { return nil }
        return percent
    }

    public var amounts: Set<Money> {
        guard case .amounts(let amounts) = reduction else { return [] }
        return amounts
    }

    public func amount(in currency: Currency) -> Money? { amounts.first { $0.currency == currency } }
    public func minimum(in currency: Currency) -> Money? { minimums.first { $0.currency == currency } }

    /// The currencies it is good in, and from which sum on; none where it is good in all.
    public var currencies: Set<Currency> {
        Set((percent == nil ? amounts : minimums).map(\.currency))
    }
}

/// What may change of a promotion.
public struct PromotionChange: Hashable, Sendable {
    public let isEnded: Bool
    public let maximumUses: Int?
    public let note: String?

    public init(isEnded: Bool = false, maximumUses: Int? = nil, note: String? = nil)
        throws(PromotionTermsError)
    {
        if let maximumUses {
            guard (1...PromotionTerms.maximumUsesEver).contains(maximumUses) else { throw .maximumUses }
        }
        guard PromotionTerms.isNote(note ?? "") else { throw .note }
        (self.isEnded, self.maximumUses, self.note) = (isEnded, maximumUses, note)
    }
}

/// Why a code helps nothing. Each can be told to whoever typed it.
public enum PromotionError: Error, Equatable, Sendable {
    case unknown
    case notYet
    case ended
    case usedUp
    /// By this customer: each may use it once.
    case usedBefore
    /// Nothing of what is bought is what it is for, or it is not for this currency.
    case notApplicable
    case belowMinimum(Money)
}

/// A promotion as it stands for one cart, now.
public struct EnteredPromotion: Hashable, Sendable {
    public enum Standing: String, CaseIterable, Codable, Sendable {
        case good, ended
        case notYet = "not-yet"
        case usedUp = "used-up"
        case usedBefore = "used-before"
    }

    public enum Reduction: Hashable, Sendable {
        case percent(Int)
        case amount(Money)
    }

    public let id: Promotion.ID
    public let code: PromotionCode
    public let standing: Standing
    /// None in a currency it is not good in.
    public let reduction: Reduction?
    public let minimum: Money?
    /// Those of the cart that it is for.
    public let audiobooks: Set<Audiobook.ID>

    public init(
        id: Promotion.ID, code: PromotionCode, standing: Standing, reduction: Reduction?, minimum: Money?,
        audiobooks: Set<Audiobook.ID>
    ) {
        (self.id, self.code, self.standing) = (id, code, standing)
        (self.reduction, self.minimum, self.audiobooks) = (reduction, minimum, audiobooks)
    }

    /// What it takes off each of these books at these prices, in their order. The minimum is asked of what it
    /// is for; more than that costs it never takes off.
    public func discounts(
        on books: [(audiobook: Audiobook.ID, price: Money)]
    ) throws(PromotionError) -> [Money] {
        switch standing {
        case .good: break
        case .notYet: throw .notYet
        case .ended: throw .ended
        case .usedUp: throw .usedUp
        case .usedBefore: throw .usedBefore
        }
        let weights = books.map { audiobooks.contains($0.audiobook) ? $0.price.minorUnits : 0 }
        let sum = weights.reduce(0, +)
        guard let currency = books.first?.price.currency, let reduction, sum > 0 else { throw .notApplicable }
        if let minimum { guard sum >= minimum.minorUnits else { throw .belowMinimum(minimum) } }
        let unit = currency.multiple
        let wanted =
            switch reduction {
            case .percent(let percent): (sum * percent / unit + 50) / 100 * unit
            case .amount(let amount): amount.minorUnits / unit * unit
            }
        return apportioned(min(wanted, sum / unit * unit), among: weights, unit: unit).map {
            Money(minorUnits: $0, currency: currency)
        }
    }
}
