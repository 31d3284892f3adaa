import Bookshop
import Foundation
import Testing

@Suite struct ApportionmentTests {
    @Test func `the parts are always exactly the whole, and nobody gives more than they have`() {
        var random = SeededGenerator(state: 20_261_125)
        for _ in 0..<5_000 {
            let unit = [1, 1, 10, 100].randomElement(using: &random)!
            let weights = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                Int.random(in: 0...[3, 2_000, 90_000_000_000].randomElement(using: &random)!, using: &random)
                    * unit
            }
            let amount = Int.random(in: 0...weights.reduce(0, +) / unit, using: &random) * unit
            let parts = apportioned(amount, among: weights, unit: unit)
            #expect(parts.reduce(0, +) == amount, "\(weights) \(amount)")
            for (part, weight) in zip(parts, weights) {
                #expect(part >= 0 && part <= weight && part.isMultiple(of: unit), "\(weights) \(amount)")
                // Fair: no part is a whole unit away from its share.
                let share = Double(amount) * Double(weight) / Double(max(1, weights.reduce(0, +)))
                #expect(abs(Double(part) - share) < Double(unit) * (1 + 1e-6), "\(weights) \(amount)")
            }
        }
    }

    @Test(arguments: [
        (2, [1, 1, 1], [1, 1, 0]), (10, [999, 1], [10, 0]), (0, [5, 0], [0, 0]), (5, [5, 0], [5, 0]),
        (0, [0, 0], [0, 0]),
    ])
    func `what does not divide evenly goes to who lost most, the earlier first`(
        amount: Int, weights: [Int], parts: [Int]
    ) {
        #expect(apportioned(amount, among: weights) == parts)
    }

    @Test func `the largest sums there are do not overflow`() {
        let most = Money.maximumMinorUnits
        #expect(apportioned(most, among: [most, most]) == [most / 2, most / 2])
    }
}

/// The same numbers at every run: a property that fails can be looked at again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite struct PromotionTests {
    private let emma = Audiobook.ID(), persuasion = Audiobook.ID()

    private func entered(
        _ reduction: EnteredPromotion.Reduction?, minimum: Int? = nil,
        standing: EnteredPromotion.Standing = .good,
        only: Set<Audiobook.ID>? = nil
    ) -> EnteredPromotion {
        EnteredPromotion(
            id: Promotion.ID(), code: PromotionCode(rawValue: "SPRING")!, standing: standing,
            reduction: reduction, minimum: minimum.map { Money(minorUnits: $0, currency: .eur) },
            audiobooks: only ?? [emma, persuasion])
    }

    private func discounts(_ promotion: EnteredPromotion, _ prices: (Int, Int)) throws(PromotionError)
        -> [Int]
    {
        try promotion.discounts(on: [
            (emma, Money(minorUnits: prices.0, currency: .eur)),
            (persuasion, Money(minorUnits: prices.1, currency: .eur)),
        ]).map(\.minorUnits)
    }

    @Test(arguments: [
        (10, 1499, 999, [150, 100]), (50, 1, 1, [1, 0]), (100, 1499, 0, [1499, 0]), (1, 49, 0, [0, 0]),
    ])
    func `a percentage is taken off the sum and divided among the books`(
        percent: Int, first: Int, second: Int, parts: [Int]
    ) throws {
        #expect(try discounts(entered(.percent(percent)), (first, second)) == parts)
    }

    @Test(arguments: [(500, [300, 200]), (2500, [1500, 1000]), (9999, [1500, 1000])])
    func `an amount is taken off as far as there is one`(amount: Int, parts: [Int]) throws {
        let promotion = entered(.amount(Money(minorUnits: amount, currency: .eur)))
        #expect(try discounts(promotion, (1500, 1000)) == parts)
    }

    @Test func `it is taken off only what it is for, and asked of that what it costs at least`() throws {
        #expect(try discounts(entered(.percent(10), only: [persuasion]), (1499, 1000)) == [0, 100])
        #expect(throws: PromotionError.notApplicable) {
            try discounts(entered(.percent(10), only: []), (1, 1))
        }
        let least = Money(minorUnits: 1000, currency: .eur)
        #expect(throws: PromotionError.belowMinimum(least)) {
            try discounts(entered(.percent(10), minimum: 1000, only: [persuasion]), (1499, 999))
        }
        #expect(
            try discounts(entered(.percent(10), minimum: 1000, only: [persuasion]), (1, 1000)) == [0, 100])
        #expect(throws: PromotionError.notApplicable) { try discounts(entered(nil), (1499, 999)) }
    }

    @Test func `the smallest unit of the currency is kept`() throws {
        let krona = Currency(rawValue: "ISK")!
        let promotion = entered(.percent(10))
        let parts = try promotion.discounts(on: [
            (emma, Money(minorUnits: 149_900, currency: krona)),
            (persuasion, Money(minorUnits: 99_900, currency: krona)),
        ])
        #expect(parts.map(\.minorUnits) == [15_000, 10_000])
    }

    @Test(arguments: [
        (EnteredPromotion.Standing.notYet, PromotionError.notYet), (.ended, .ended), (.usedUp, .usedUp),
        (.usedBefore, .usedBefore),
    ])
    func `how it stands is told before what it would take off`(
        standing: EnteredPromotion.Standing, error: PromotionError
    ) {
        #expect(throws: error) { try discounts(entered(.percent(10), standing: standing), (1, 1)) }
    }

    @Test(arguments: [
        ("spring-26", "SPRING-26"), (" Spring ", "SPRING"), ("A", nil), ("AB", nil), ("ABC", "ABC"),
        ("-AB", nil),
        ("A--B", nil), ("FRÜH", nil), ("spring_26", nil), (String(repeating: "x", count: 41), nil), ("", nil),
    ])
    func `a code is folded to capitals`(typed: String, code: String?) {
        #expect(PromotionCode(rawValue: typed)?.rawValue == code)
    }

    @Test func `terms that make no sense are none`() throws {
        func terms(
            _ reduction: Promotion.Reduction, minimums: Set<Money> = [], until: Date? = nil, uses: Int? = nil,
            note: String = ""
        ) throws(PromotionTermsError) -> PromotionTerms {
            try PromotionTerms(
                code: PromotionCode(rawValue: "SPRING")!, reduction: reduction, minimums: minimums,
                validFrom: Date(timeIntervalSince1970: 1000), validUntil: until, maximumUses: uses, note: note
            )
        }
        let five = Money(minorUnits: 500, currency: .eur), six = Money(minorUnits: 600, currency: .eur)
        let dollars = Money(minorUnits: 500, currency: .usd)
        for percent in [0, 101] {
            #expect(throws: PromotionTermsError.percent) { try terms(.percent(percent)) }
        }
        for amounts in [[], [five, six], [Money(minorUnits: 0, currency: .eur)]] as [Set<Money>] {
            #expect(throws: PromotionTermsError.amount) { try terms(.amounts(amounts)) }
        }
        let halfKrona = Money(minorUnits: 150, currency: Currency(rawValue: "ISK")!)
        #expect(throws: PromotionTermsError.amount) { try terms(.amounts([halfKrona])) }
        #expect(throws: PromotionTermsError.minimum) { try terms(.amounts([five]), minimums: [dollars]) }
        #expect(throws: PromotionTermsError.minimum) { try terms(.percent(5), minimums: [five, six]) }
        #expect(throws: PromotionTermsError.validity) {
            try terms(.percent(5), until: Date(timeIntervalSince1970: 1000))
        }
        #expect(throws: PromotionTermsError.maximumUses) { try terms(.percent(5), uses: 0) }
        #expect(throws: PromotionTermsError.note) {
            try terms(.percent(5), note: String(repeating: "x", count: 501))
        }
        #expect(try terms(.percent(100), minimums: [five, dollars], uses: 1).currencies == [.eur, .usd])
    }
}
