public import FoundationEssentials

/// How much playing a device can have to tell of. It grows with the time that passes, at the fastest that
/// anybody plays, and what was told is taken from it: nobody hears more than time allows, and a queue of
/// reports from a day offline is believed.
public struct HearingAllowance: Hashable, Sendable {
    public let milliseconds: Int
    public let at: Date

    public init(milliseconds: Int, at: Date) { (self.milliseconds, self.at) = (milliseconds, at) }

    /// Of a device that nobody heard of before, for a book that is owned since then.
    public static func new(ownedSince: Date) -> HearingAllowance {
        HearingAllowance(milliseconds: slackMilliseconds, at: ownedSince)
    }

    /// A report may be a little late, or the next one early.
    private static let slackMilliseconds = 60_000
    /// Whoever was offline for longer than a week has lost count too.
    private static let mostMilliseconds = 7 * 24 * 3_600_000

    /// What of a stretch can have been played, and what is left to tell of. What cannot is taken from its
    /// beginning, for its end is where the listener is.
    public func telling(from start: Int, to end: Int, at now: Date) -> (heard: Span?, left: HearingAllowance)
    {
        let elapsed =
            max(0, now.timeIntervalSince(at)) * 1000 * Double(PlaybackSpeed.fastest.hundredths) / 100
        let grown = min(Double(Self.mostMilliseconds), Double(milliseconds) + elapsed)
        let length = min(end - start, Int(grown))
        let heard = length > 0 ? Span(startMilliseconds: end - length, endMilliseconds: end) : nil
        return (heard, HearingAllowance(milliseconds: Int(grown) - max(0, length), at: max(at, now)))
    }
}

/// How fast a customer plays a book, in hundredths: from half to three and a half.
public struct PlaybackSpeed: RawRepresentable, Hashable, Sendable {
    public let hundredths: Int
    public static let normal = PlaybackSpeed(hundredths: 100)
    public static let fastest = PlaybackSpeed(hundredths: 350)

    private init(hundredths: Int) { self.hundredths = hundredths }

    /// Rounded to hundredths; nil beyond the limits.
    public init?(rawValue: Double) {
        guard rawValue >= 0.5, rawValue <= 3.5 else { return nil }
        hundredths = Int((rawValue * 100).rounded())
    }

    public var rawValue: Double { Double(hundredths) / 100 }
}

/// A day of the Gregorian calendar, wherever its listener is: `2026-07-29`.
public struct CalendarDay: RawRepresentable, Hashable, Comparable, Codable, Sendable {
    /// Days since 1970-01-01.
    public let number: Int

    public init(number: Int) { self.number = number }

    /// The day of an instant for somebody whose clock is so many minutes ahead of UTC.
    public init(of date: Date, minutesAheadOfUTC minutes: Int = 0) {
        number = Int(((date.timeIntervalSince1970 + Double(minutes) * 60) / 86_400).rounded(.down))
    }

    public init?(rawValue: String) {
        let parts = rawValue.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2],
            rawValue.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
            year >= 1900, (1...12).contains(month), day >= 1
        else { return nil }
        number = Self.number(year, month, day)
        // The thirtieth of February is another day.
        guard self.rawValue == rawValue else { return nil }
    }

    public var rawValue: String {
        let (year, month, day) = civil
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    public static func < (one: CalendarDay, other: CalendarDay) -> Bool { one.number < other.number }

    /// Howard Hinnant, "chrono-compatible low-level date algorithms", for years after Christ.
    private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400, yearOfEra = year % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private var civil: (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = shifted / 146_097, dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400
        return (month < 10 ? year : year + 1, month < 10 ? month + 3 : month - 9, day)
    }
}
