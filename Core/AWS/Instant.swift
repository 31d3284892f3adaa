public import FoundationEssentials

/// A moment as AWS writes it. One reading of the clock serves a whole signature: two could fall on two days.
public struct Instant: Hashable, Sendable {
    /// `20130524`
    public let date: String
    /// `20130524T000000Z`
    public let dateTime: String

    /// From the year 1 to 9999, in seconds since 1970 UTC.
    public init(secondsSince1970 seconds: Int) {
        precondition((-62_135_596_800..<253_402_300_800).contains(seconds), "No moment of these years.")
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let second = seconds - day * 86_400
        let (year, month, dayOfMonth) = Self.calendarDate(daysSince1970: day)
        date = Self.digits(year, 4) + Self.digits(month, 2) + Self.digits(dayOfMonth, 2)
        let time = [second / 3_600, second / 60 % 60, second % 60].map { Self.digits($0, 2) }.joined()
        dateTime = "\(date)T\(time)Z"
    }

    public init(_ date: Date) {
        self.init(secondsSince1970: Int(date.timeIntervalSince1970.rounded(.down)))
    }

    /// The Gregorian calendar, counted in years that begin in March, so that the odd day comes last. Howard
    /// Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    private static func calendarDate(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + 719_468
        let era = days / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}
