/// What a list answers beside its lines.
public struct Finding: Sendable {
    public let page: Page<Listing>
    /// Only if it was asked for, as are the facets.
    public let total: Int?
    public let facets: Facets?
    /// What was probably meant, where nothing was found by what was typed: the page shows what that finds.
    public let meant: String?

    public init(page: Page<Listing>, total: Int?, facets: Facets?, meant: String?) {
        (self.page, self.total, self.facets, self.meant) = (page, total, facets, meant)
    }

    /// What is to be told beside the lines.
    public struct Extras: OptionSet, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }
        public static let facets = Extras(rawValue: 1)
        public static let total = Extras(rawValue: 2)
        /// Not told, but done: what finds nothing is taken for mistyped.
        public static let guesses = Extras(rawValue: 4)
    }
}
