import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

/// What is counted, kept and found again of listening.
@Suite struct ListeningTests {
    private static let phone = Device(id: "phone", name: "Ada's phone")!
    private static let tablet = Device(id: "tablet", name: nil)!

    private func owning(
        _ titles: [String] = ["Emma"],
        _ body: (Connection, Customer.ID, [Audiobook.ID]) throws -> Void
    ) throws {
        try withConnection { records in
            let editor = try records { try $0.person("e", .editor) }
            let customer = try records { try $0.person("c") }
            let books = try titles.map { title in try records { try $0.published(title, by: editor) } }
            _ = try records {
                try $0.record(.test(of: try $0.opened(try $0.ordered(books, by: customer))))
            }
            try body(records, customer, books)
        }
    }

    @Test func `a stretch counts once a day, whoever tells it and however often`() throws {
        try owning(["Emma", "Persuasion"]) { records, customer, books in
            let day = Date(timeIntervalSinceNow: 86_400 * 10)
            let today = CalendarDay(of: day)
            func tell(
                _ from: Int, _ to: Int, of book: Int = 0, by device: Device = Self.phone, at now: Date? = nil,
                saidAt: Date? = nil, ahead: Int = 0
            ) throws {
                let item = try #require(try records { try $0.libraryItem(books[book], of: customer) })
                try records {
                    try $0.count(
                        Move(.sync, to: to, base: 0, by: device, playedFrom: from), heardBy: customer,
                        of: item,
                        saidAt: saidAt, minutesAheadOfUTC: ahead, at: now ?? day)
                }
            }
            func heard(_ from: Int = -7, _ to: Int = 7) throws -> ListeningStatistics {
                try records {
                    try $0.listening(
                        of: customer, from: CalendarDay(number: today.number + from),
                        to: CalendarDay(number: today.number + to), today: today)
                }
            }
            try tell(0, 60_000)
            try tell(0, 60_000)
            try tell(30_000, 90_000, by: Self.tablet)
            try tell(120_000, 999_999)
            #expect(try heard().days == [HeardDay(day: today, milliseconds: 150_000)])
            try tell(0, 10_000, of: 1)
            #expect(try heard().days.map(\.milliseconds) == [160_000])
            #expect(try heard().books.map(\.title) == ["Emma", "Persuasion"])
            #expect(try heard().books.map(\.milliseconds) == [150_000, 10_000])
            #expect(try heard(-7, -1).days.isEmpty && heard(1, 7).books.isEmpty)

            // Yesterday for a listener far in the west; on another day the same stretch counts again.
            try tell(0, 60_000, at: day.addingTimeInterval(86_400), ahead: -840)
            try tell(0, 60_000, at: day.addingTimeInterval(86_400 * 3))
            let numbers = try heard().days.map { $0.day.number - today.number }
            #expect(numbers.first == 0 && numbers.last == 3)
            // A clock that says next year, or last, is believed as far as can be.
            try tell(0, 5000, at: day.addingTimeInterval(86_400 * 5), saidAt: .distantFuture)
            #expect(try heard().days.last?.day.number == today.number + 5)
            try tell(0, 5000, at: day.addingTimeInterval(86_400 * 7), saidAt: .distantPast)
            #expect(try heard().days.last?.day.number == today.number + 5)
        }
    }

    @Test func `nobody hears more than time allows`() throws {
        try owning { records, customer, books in
            let item = try #require(try records { try $0.libraryItem(books[0], of: customer) })
            let now = item.ownedSince
            for _ in 1...3 {
                try records {
                    try $0.count(
                        Move(.sync, to: 170_000, base: 0, by: Self.phone, playedFrom: 0), heardBy: customer,
                        of: item, saidAt: nil, at: now)
                }
            }
            let heard: String? = try records { try $0.value("SELECT spans FROM listening.heard") }
            #expect(heard == "{[110000,170000)}", "a minute is given, and then time must pass")
        }
    }

    @Test func `days in a row make a streak, which lives until tomorrow`() throws {
        try owning { records, customer, books in
            for day in [1, 2, 3, 4, 8, 9] {
                try records {
                    try $0.run(
                        """
                        INSERT INTO listening.heard (user_id, day, audiobook_id, spans)
                        VALUES (\(customer), \(CalendarDay(number: 20_000 + day)), \(books[0]), '{[0,1)}')
                        """)
                }
            }
            func streak(_ today: Int) throws -> [Int] {
                let day = CalendarDay(number: 20_000 + today)
                let streak = try records { try $0.listening(of: customer, from: day, to: day, today: day) }
                    .streak
                return [streak.currentDays, streak.longestDays]
            }
            #expect(try streak(9) == [2, 4] && streak(10) == [2, 4] && streak(11) == [0, 4])
            #expect(
                try records {
                    try $0.listening(
                        of: try $0.person("x"), from: CalendarDay(number: 0),
                        to: CalendarDay(number: 9),
                        today: CalendarDay(number: 9)
                    )
                }.streak == .init(currentDays: 0, longestDays: 0))
        }
    }

    @Test func `a library is sorted and filtered by what was heard`() throws {
        try owning(["Persuasion", "Emma", "Sanditon"]) { records, customer, books in
            let now = Date(timeIntervalSince1970: 1_800_000_000)
            _ = try records {
                try $0.move(
                    customer, in: books[1], by: Move(.sync, to: 180_000, base: 0, by: Self.phone), at: now)
            }
            _ = try records {
                try $0.move(
                    customer, in: books[0], by: Move(.sync, to: 60_000, base: 0, by: Self.phone),
                    at: now.addingTimeInterval(60))
            }
            func titles(_ query: LibraryQuery) throws -> [String] {
                var titles: [String] = [], cursor: Cursor?
                repeat {
                    let page = try records {
                        try $0.library(
                            of: customer, query, after: cursor, size: try #require(PageSize(rawValue: 1)))
                    }
                    titles += page.items.map(\.title)
                    cursor = page.next
                } while cursor != nil
                return titles
            }
            #expect(try titles(LibraryQuery(sort: .recent)) == ["Persuasion", "Emma", "Sanditon"])
            #expect(try titles(LibraryQuery(sort: .title)) == ["Emma", "Persuasion", "Sanditon"])
            #expect(try titles(LibraryQuery(progress: .finished)) == ["Emma"])
            #expect(
                try titles(LibraryQuery(progress: .unfinished, sort: .title)) == ["Persuasion", "Sanditon"])
            let item = try records { try $0.libraryItem(books[0], of: customer) }
            #expect(item?.progress?.milliseconds == 60_000 && item?.progress?.finishedAt == nil)
            #expect(try records { try $0.libraryItem(books[2], of: customer) }?.progress == nil)
            let foreign = try records {
                try $0.library(
                    of: customer, LibraryQuery(sort: .title), size: try #require(PageSize(rawValue: 1))
                )
            }.next
            #expect(throws: ForeignCursor.self) {
                try records {
                    try $0.library(of: customer, LibraryQuery(progress: .finished), after: foreign)
                }
            }
        }
    }

    @Test func `a speed is a book's own`() throws {
        try owning(["Emma", "Sanditon"]) { records, customer, books in
            #expect(try records { try $0.speed(of: customer, in: books[0]) } == .normal)
            try records {
                try $0.setSpeed(try #require(PlaybackSpeed(rawValue: 1.75)), of: customer, in: books[0])
            }
            try records { try $0.setSpeed(.fastest, of: customer, in: books[0]) }
            #expect(try records { try $0.speed(of: customer, in: books[0]) } == .fastest)
            #expect(try records { try $0.speed(of: customer, in: books[1]) } == .normal)
        }
    }

    @Test func `evidence of access is kept for 540 days, and then forgotten`() throws {
        try owning { records, customer, books in
            for age in ["0 seconds", "539 days", "540 days 1 second"] {
                try records {
                    try $0.run(
                        """
                        INSERT INTO listening.access_log (entitlement_id, asset_id, action, at)
                        SELECT entitlements.id, assets.id, 'stream', now() - \(age)::interval
                        FROM listening.entitlements, catalogue.assets WHERE user_id = \(customer)
                        """)
                }
            }
            #expect(try records { try $0.forgetAccess(limit: 10) } == 1)
            #expect(try records { try $0.forgetAccess(limit: 10) } == 0)
            #expect(throws: PostgresError.self) {
                try records { try $0.run("DELETE FROM listening.access_log") }
            }
            let left: Int? = try records { try $0.value("SELECT count(*) FROM listening.access_log") }
            #expect(left == 2)
        }
    }
}
