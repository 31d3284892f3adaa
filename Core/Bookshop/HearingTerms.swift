/// What hearing a recording costs, and what it may cost.
public struct HearingTerms: Hashable, Sendable {
    public let nanodollarsPerMinute: Int
    /// For one text, unless an editor allowed another sum.
    public let budgetNanodollars: Int

    /// What whisper-1 costs (https://platform.openai.com/docs/pricing), and twenty dollars, which are 55 hours of it.
    public static let standard = HearingTerms(
        nanodollarsPerMinute: 6_000_000, budgetNanodollars: 20_000_000_000)

    public init(nanodollarsPerMinute: Int, budgetNanodollars: Int) {
        self.nanodollarsPerMinute = nanodollarsPerMinute
        self.budgetNanodollars = budgetNanodollars
    }

    /// By dollars as settings have them, such as `0.006` for a minute and `20`; nil for what are none.
    public init?(pricePerMinute: String, budget: String) {
        guard let price = Dollars.nanodollars(pricePerMinute[...], decimals: 6),
            let budget = Dollars.nanodollars(budget[...], decimals: 2)
        else { return nil }
        self.init(nanodollarsPerMinute: price, budgetNanodollars: budget)
    }

    /// Whether a text that is not begun yet may be heard in these pieces.
    public func cover(_ chunks: [Span], of transcript: Transcript) -> Bool {
        let estimate = chunks.map(nanodollars).reduce(0, +)
        return transcript.state != .planned
            || estimate + transcript.cost.spentNanodollars
                <= transcript.cost.budgetNanodollars ?? budgetNanodollars
    }

    /// Of one call, rounded up to whole seconds.
    public func nanodollars(for span: Span) -> Int {
        let seconds = (span.durationMilliseconds + 999) / 1000
        return (seconds * nanodollarsPerMinute + 59) / 60
    }
}

/// What a text has cost.
public struct HearingCost: Hashable, Sendable {
    public let spentNanodollars: Int
    /// For calls that are under way.
    public let reservedNanodollars: Int
    /// What an editor allowed; nil for the shop's own.
    public let budgetNanodollars: Int?

    public init(spentNanodollars: Int, reservedNanodollars: Int, budgetNanodollars: Int?) {
        (self.spentNanodollars, self.reservedNanodollars) = (spentNanodollars, reservedNanodollars)
        self.budgetNanodollars = budgetNanodollars
    }

    public var spentMicrodollars: Int { Dollars.microdollars(spentNanodollars) }
    public var reservedMicrodollars: Int { Dollars.microdollars(reservedNanodollars) }
}

/// A text would cost more than it may.
public struct OverBudget: Error, Equatable {
    /// For editors.
    public static let word = "over-budget"

    public init() {}
}
