import Core
import FoundationEssentials

struct StatisticsAnswer: Encodable {
    let from: CalendarDay
    let to: CalendarDay
    let totalMilliseconds: Int
    let days: [Day]
    let books: [Book]
    let streak: Streak
    let finished: [Finished]

    struct Day: Encodable {
        let day: CalendarDay
        let milliseconds: Int
    }
    struct Book: Encodable {
        let audiobookId: Audiobook.ID
        let title: String
        let milliseconds: Int
    }
    struct Streak: Encodable {
        let currentDays: Int
        let longestDays: Int
    }
    struct Finished: Encodable {
        let audiobookId: Audiobook.ID
        let title: String
        let finishedAt: Date
    }

    init(_ heard: ListeningStatistics, from: CalendarDay, to: CalendarDay) {
        (self.from, self.to) = (from, to)
        totalMilliseconds = heard.days.reduce(0) { $0 + $1.milliseconds }
        days = heard.days.map { Day(day: $0.day, milliseconds: $0.milliseconds) }
        books = heard.books.map {
            Book(audiobookId: $0.audiobook, title: $0.title, milliseconds: $0.milliseconds)
        }
        streak = Streak(currentDays: heard.streak.currentDays, longestDays: heard.streak.longestDays)
        finished = heard.finished.map {
            Finished(audiobookId: $0.audiobook, title: $0.title, finishedAt: $0.at)
        }
    }
}

extension Request {
    /// From Baker Island to Kiritimati.
    static let offsetsFromUTC = -840...840

    fileprivate func day(_ name: String) throws(Problem) -> CalendarDay? {
        try query.parsed(name, expecting: "a day such as 2026-07-29") { CalendarDay(rawValue: $0) }
    }
}

/// The last thirty days, unless others are asked for.
func statistics(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery(allowing: ["from", "to", "utcOffsetMinutes"])
    let offset = try request.query.integer("utcOffsetMinutes", in: Request.offsetsFromUTC) ?? 0
    let today = CalendarDay(of: shop.now(), minutesAheadOfUTC: offset)
    let last = try request.day("to") ?? today
    let first = try request.day("from") ?? CalendarDay(number: last.number - 29)
    guard first <= last, last.number - first.number < ListeningStatistics.longestSpanInDays else {
        throw Query.refusal(of: "from", "Expected a day at most a year before `to`.")
    }
    let heard = try shop.database.transaction(.readOnly) {
        try $0.listening(of: customer.id, from: first, to: last, today: today)
    }
    return try .personal(StatisticsAnswer(heard, from: first, to: last))
}
