import Bookshop
import FoundationEssentials

/// What was counted before, for as long as nothing has changed. Most lists ask for the same few counts of the
/// whole catalogue, and these are the dear ones.
///
/// It is exact: before it is believed, the database is asked whether anything that is listed or counted was
/// changed by a transaction its picture did not hold, and a price that begins or ends by the clock ends it too.
public final class FacetMemory {
    private var counts: [String: [Tally]] = [:]
    private var snapshot: String?
    /// When the next price begins or ends in a currency.
    private var until: [String: Date] = [:]

    private static let mostCounts = 1000

    public init() {}

    /// Forgets all if anything has changed.
    func refresh(_ state: ListingState, in currency: String) {
        if state.hasChanged || snapshot == nil || until[currency].map({ state.now >= $0 }) == true {
            counts = [:]
            until = [:]
        }
        if snapshot == nil || state.hasChanged { snapshot = state.snapshot }
        until[currency] = state.nextPrice ?? .distantFuture
    }

    var picture: String? { snapshot }

    subscript(key: String) -> [Tally]? {
        get { counts[key] }
        set {
            if counts.count >= Self.mostCounts { counts = [:] }
            counts[key] = newValue
        }
    }
}

/// What the database says of its listings at one moment.
struct ListingState {
    let hasChanged: Bool
    let snapshot: String
    let now: Date
    let nextPrice: Date?
}

/// So many books of one choice.
struct Tally {
    let kind: String
    /// An id, or a number as a text, or a language.
    let key: String
    let slug: Slug?
    let name: String?
    let parent: String?
    let count: Int
}
