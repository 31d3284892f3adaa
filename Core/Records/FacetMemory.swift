import Bookshop
import FoundationEssentials

/// What was counted before, for as long as nothing has changed. Most lists ask for the same few counts of the
/// whole catalogue, and these are the dear ones.
///
/// It is exact: before it is believed, the database is asked whether anything that is listed or counted was
/// changed by a transaction its picture did not hold, and a price that begins or ends by the clock ends it too.
/// Only what took longer than two seconds to count, as it does of a million books, is believed for ten times as long
/// all the same, or such a shop would do little else.
public final class FacetMemory {
    private struct Count {
        let tallies: [Tally]
        let believedUntil: Date
        var isOfBefore = false
    }

    private var counts: [String: Count] = [:]
    private var snapshot: String?
    private var now = Date.distantPast
    /// When the next price begins or ends in a currency.
    private var until: [String: Date] = [:]

    private static let mostCounts = 1000
    private static let longSeconds = 2.0
    private static let believedTimes = 10.0

    public init() {}

    /// Forgets what was counted before anything changed, but for what is believed.
    func refresh(_ state: ListingState, in currency: String) {
        now = state.now
        if state.hasChanged || snapshot == nil || until[currency].map({ now >= $0 }) == true {
            counts = counts.filter { now < $0.value.believedUntil }
            for key in counts.keys { counts[key]?.isOfBefore = true }
            until = [:]
        }
        if snapshot == nil || state.hasChanged { snapshot = state.snapshot }
        until[currency] = state.nextPrice ?? .distantFuture
    }

    var picture: String? { snapshot }

    subscript(key: String) -> [Tally]? {
        guard let count = counts[key], !count.isOfBefore || now < count.believedUntil else { return nil }
        return count.tallies
    }

    /// `seconds` is how long it took to count them.
    func remember(_ tallies: [Tally], as key: String, after seconds: Double) {
        if counts.count >= Self.mostCounts { counts = [:] }
        let isLong = seconds > Self.longSeconds
        counts[key] = Count(
            tallies: tallies,
            believedUntil: isLong ? now.addingTimeInterval(seconds * Self.believedTimes) : .distantPast)
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
