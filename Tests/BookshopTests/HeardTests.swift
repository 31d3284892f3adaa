import Bookshop
import Foundation
import Testing

@Suite struct HeardTests {
    private let morning = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func `a device tells of no more than can have been played`() {
        let before = HearingAllowance(milliseconds: 1000, at: morning)
        // Ten seconds at the fastest are thirty-five of the book.
        let later = morning.addingTimeInterval(10)
        let all = before.telling(from: 0, to: 36_000, at: later)
        #expect(all.heard == Span(startMilliseconds: 0, endMilliseconds: 36_000))
        #expect(all.left == HearingAllowance(milliseconds: 0, at: later))
        let more = before.telling(from: 0, to: 36_001, at: later)
        #expect(
            more.heard == Span(startMilliseconds: 1, endMilliseconds: 36_001),
            "its end is the listener's place")
        let nothing = before.telling(from: 500, to: 500, at: later)
        #expect(nothing.heard == nil && nothing.left.milliseconds == 36_000)
        #expect(all.left.telling(from: 0, to: 10, at: later).heard == nil)
    }

    @Test func `a queue of reports from an hour offline is believed`() {
        var allowance = HearingAllowance(milliseconds: 0, at: morning)
        for number in 0..<6 {
            let (heard, left) = allowance.telling(
                from: number * 600_000, to: (number + 1) * 600_000, at: morning.addingTimeInterval(3600))
            #expect(heard?.durationMilliseconds == 600_000)
            allowance = left
        }
    }

    @Test func `a clock that goes back takes nothing away, and a long silence gives a week`() {
        let before = HearingAllowance(milliseconds: 1000, at: morning)
        let back = before.telling(from: 0, to: 0, at: morning.addingTimeInterval(-60))
        #expect(back.left == before)
        let silent = before.telling(from: 0, to: 0, at: morning.addingTimeInterval(90 * 86_400))
        #expect(silent.left.milliseconds == 7 * 86_400_000)
        #expect(HearingAllowance.new(ownedSince: morning).milliseconds == 60_000)
    }

    @Test(
        arguments: [
            (0.5, 50), (3.5, 350), (1.0, 100), (1.254, 125), (1.256, 126), (0.49, nil), (3.51, nil),
            (.nan, nil),
        ] as [(Double, Int?)])
    func `a book is played from half to three and a half times as fast`(speed: Double, hundredths: Int?) {
        #expect(PlaybackSpeed(rawValue: speed)?.hundredths == hundredths)
    }

    @Test(arguments: [
        ("1970-01-01", 0), ("1970-01-02", 1), ("2000-02-29", 11_016), ("2026-07-29", 20_663),
        ("2100-02-28", 47_540), ("1900-01-01", -25_567), ("9999-12-31", 2_932_896),
    ])
    func `a day is a number, both ways`(text: String, number: Int) {
        #expect(CalendarDay(rawValue: text)?.number == number)
        #expect(CalendarDay(number: number).rawValue == text)
    }

    @Test(arguments: [
        "", "2026", "2026-7-29", "2026-07-32", "2026-02-29", "2100-02-29", "2026-13-01", "2026-00-10",
        "2026-01-00", "+026-01-01", "1899-12-31", "2026-07-29T00:00:00Z", "２０２６-07-29",
    ])
    func `what is no day is none`(text: String) {
        #expect(CalendarDay(rawValue: text) == nil)
    }

    @Test func `the day is where the listener is`() {
        // 2027-01-15 08:00 UTC.
        #expect(CalendarDay(of: morning).rawValue == "2027-01-15")
        #expect(CalendarDay(of: morning, minutesAheadOfUTC: -480).rawValue == "2027-01-15")
        #expect(CalendarDay(of: morning, minutesAheadOfUTC: -481).rawValue == "2027-01-14")
        #expect(CalendarDay(of: morning, minutesAheadOfUTC: 840).rawValue == "2027-01-15")
        #expect(CalendarDay(of: Date(timeIntervalSince1970: -1)).rawValue == "1969-12-31")
    }

    @Test func `a bookmark has a place and a note of two thousand characters`() throws {
        let most = String(repeating: "ü", count: 2000)
        #expect(try Bookmark.Content(milliseconds: 0, note: most).note == most)
        #expect(throws: BookmarkError.note) { try Bookmark.Content(milliseconds: 0, note: most + "x") }
        #expect(throws: BookmarkError.note) { try Bookmark.Content(milliseconds: 0, note: "a\0") }
        #expect(throws: BookmarkError.position) { try Bookmark.Content(milliseconds: -1, note: "") }
        #expect(throws: BookmarkError.position) {
            try Bookmark.Content(milliseconds: 1_000_000_001, note: "")
        }
    }
}
