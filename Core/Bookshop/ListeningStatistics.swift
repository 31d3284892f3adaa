public import FoundationEssentials

/// What a customer heard in a span of days. A stretch of a book counts once a day, on however many devices and
/// however often it was told.
public struct ListeningStatistics: Hashable, Sendable {
    /// Days with something heard, in order.
    public let days: [HeardDay]
    /// The most heard first.
    public let books: [HeardBook]
    public let streak: Streak
    /// Heard to their end, the latest first.
    public let finished: [FinishedBook]

    public init(days: [HeardDay], books: [HeardBook], streak: Streak, finished: [FinishedBook]) {
        (self.days, self.books, self.streak, self.finished) = (days, books, streak, finished)
    }

    /// What is shown of books heard and books finished.
    public static let mostBooks = 100
    public static let longestSpanInDays = 366

    /// Days in a row with something heard.
    public struct Streak: Hashable, Sendable {
        /// Up to today, or up to yesterday while today may still bring something.
        public let currentDays: Int
        public let longestDays: Int

        public init(currentDays: Int, longestDays: Int) {
            (self.currentDays, self.longestDays) = (currentDays, longestDays)
        }
    }
}

public struct HeardDay: Hashable, Sendable {
    public let day: CalendarDay
    public let milliseconds: Int

    public init(day: CalendarDay, milliseconds: Int) { (self.day, self.milliseconds) = (day, milliseconds) }
}

public struct HeardBook: Hashable, Sendable {
    public let audiobook: Audiobook.ID
    public let title: String
    public let milliseconds: Int

    public init(audiobook: Audiobook.ID, title: String, milliseconds: Int) {
        (self.audiobook, self.title, self.milliseconds) = (audiobook, title, milliseconds)
    }
}

public struct FinishedBook: Hashable, Sendable {
    public let audiobook: Audiobook.ID
    public let title: String
    public let at: Date

    public init(audiobook: Audiobook.ID, title: String, at: Date) {
        (self.audiobook, self.title, self.at) = (audiobook, title, at)
    }
}
