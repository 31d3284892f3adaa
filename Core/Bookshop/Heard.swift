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

    /// None before 1900: nobody listened then.
    public init?(rawValue: String) {
        guard let day = Day(rawValue: rawValue), rawValue >= "1900" else { return nil }
        number = day.daysSince1970
    }

    public var rawValue: String { Day(daysSince1970: number).rawValue }

    public static func < (one: CalendarDay, other: CalendarDay) -> Bool { one.number < other.number }
}
