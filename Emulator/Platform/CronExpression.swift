import Foundation

/// Six fields as EventBridge writes them: minutes, hours, day of month, month, day of week, year.
///
/// One of the two day fields is `?`. Days of the week are 1 to 7 from Sunday, or names.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
struct CronExpression: Hashable, Sendable {
    private var minutes: [Int]
    private var hours: [Int]
    private var days: Days
    private var months: [Int]
    private var years: [Int]

    private enum Days: Hashable {
        case ofMonth(Set<Int>)
        case lastOfMonth
        case lastWeekdayOfMonth
        /// The day from Monday to Friday that is nearest, within the month.
        case weekdayNearest(Int)
        case ofWeek(Set<Int>)
        case lastOfWeekday(Int)
        case nthOfWeekday(Int, nth: Int)
    }

    /// Which field is wrong, and what stands in it.
    struct Malformed: Error, Equatable, CustomStringConvertible {
        var field: String
        var text: String

        var description: String { "cron: \(field) cannot be \(text.isEmpty ? "empty" : "'\(text)'")" }
    }

    init(fields: [String]) throws(Malformed) {
        guard fields.count == 6 else {
            throw Malformed(field: "the number of fields", text: "\(fields.count)")
        }
        minutes = try Self.numbers(fields[0], "minutes", 0...59)
        hours = try Self.numbers(fields[1], "hours", 0...23)
        months = try Self.numbers(fields[3], "month", 1...12, names: Self.monthNames)
        years = try Self.numbers(fields[5], "year", 1970...2199)
        switch (fields[2], fields[4]) {
        case (let day, "?") where day != "?": days = try Self.daysOfMonth(day)
        case ("?", let day) where day != "?": days = try Self.daysOfWeek(day)
        default: throw Malformed(field: "day of month and day of week", text: "\(fields[2]) \(fields[4])")
        }
    }

    /// The first instant after this one; nil when there is none left.
    ///
    /// An hour that the zone skips in spring is skipped here, one that it repeats in autumn counts once.
    func next(after instant: Date, in zone: TimeZone = .gmt) -> Date? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let start = calendar.dateComponents([.year, .month, .day], from: instant)
        guard let startYear = start.year, let startMonth = start.month, let startDay = start.day else {
            return nil
        }
        for year in years where year >= startYear {
            for month in months where year > startYear || month >= startMonth {
                let isStart = year == startYear && month == startMonth
                for day in daysMatching(year: year, month: month) where !isStart || day >= startDay {
                    let date = DateComponents(year: year, month: month, day: day)
                    if let found = first(on: date, after: instant, calendar: calendar) { return found }
                }
            }
        }
        return nil
    }

    private func first(on date: DateComponents, after instant: Date, calendar: Calendar) -> Date? {
        for hour in hours {
            for minute in minutes {
                var wanted = date
                wanted.hour = hour
                wanted.minute = minute
                guard let candidate = calendar.date(from: wanted), candidate > instant else { continue }
                let told = calendar.dateComponents([.hour, .minute], from: candidate)
                if told.hour == hour, told.minute == minute { return candidate }
            }
        }
        return nil
    }

    private func daysMatching(year: Int, month: Int) -> [Int] {
        let last = Self.length(year: year, month: month)
        let first = Self.dayOfWeek(year: year, month: month, day: 1)
        func weekday(_ day: Int) -> Int { (first - 1 + day - 1) % 7 + 1 }
        switch days {
        case .ofMonth(let set): return (1...last).filter(set.contains)
        case .lastOfMonth: return [last]
        case .lastWeekdayOfMonth: return [Self.nearest(to: last, last: last, weekday: weekday)]
        case .weekdayNearest(let day):
            return day <= last ? [Self.nearest(to: day, last: last, weekday: weekday)] : []
        case .ofWeek(let set): return (1...last).filter { set.contains(weekday($0)) }
        case .lastOfWeekday(let wanted): return [(last - 6...last).first { weekday($0) == wanted } ?? last]
        case .nthOfWeekday(let wanted, let nth):
            let day = (1...7).first { weekday($0) == wanted }.map { $0 + 7 * (nth - 1) } ?? 32
            return day <= last ? [day] : []
        }
    }

    private static func nearest(to day: Int, last: Int, weekday: (Int) -> Int) -> Int {
        switch weekday(day) {
        case 7: day == 1 ? 3 : day - 1
        case 1: day == last ? day - 2 : day + 1
        default: day
        }
    }

    private static func length(year: Int, month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// 1 for Sunday. Sakamoto's method for the Gregorian calendar.
    private static func dayOfWeek(year: Int, month: Int, day: Int) -> Int {
        let offsets = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        let year = month < 3 ? year - 1 : year
        return (year + year / 4 - year / 100 + year / 400 + offsets[month - 1] + day) % 7 + 1
    }
}

extension CronExpression {
    private static let monthNames = [
        "JAN": 1, "FEB": 2, "MAR": 3, "APR": 4, "MAY": 5, "JUN": 6, "JUL": 7, "AUG": 8, "SEP": 9, "OCT": 10,
        "NOV": 11, "DEC": 12,
    ]
    private static let dayNames = ["SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7]

    private static func daysOfMonth(_ text: String) throws(Malformed) -> Days {
        if text == "L" { return .lastOfMonth }
        if text == "LW" { return .lastWeekdayOfMonth }
        if text.hasSuffix("W") {
            let day = try number(text.dropLast(), of: text, "day of month", 1...31)
            return .weekdayNearest(day)
        }
        return .ofMonth(Set(try numbers(text, "day of month", 1...31)))
    }

    private static func daysOfWeek(_ text: String) throws(Malformed) -> Days {
        let field = "day of week"
        if text == "L" { return .ofWeek([7]) }
        if text.hasSuffix("L") {
            return .lastOfWeekday(try number(text.dropLast(), of: text, field, 1...7, names: dayNames))
        }
        let parts = text.split(separator: "#", omittingEmptySubsequences: false)
        if parts.count == 2 {
            let day = try number(parts[0], of: text, field, 1...7, names: dayNames)
            return .nthOfWeekday(day, nth: try number(parts[1], of: text, field, 1...5))
        }
        return .ofWeek(Set(try numbers(text, field, 1...7, names: dayNames)))
    }

    /// `*`, `5`, `1-5`, `*/10`, `5/15`, `1-30/10`, and lists of them.
    private static func numbers(
        _ text: String, _ field: String, _ bounds: ClosedRange<Int>, names: [String: Int] = [:]
    ) throws(Malformed) -> [Int] {
        var found: Set<Int> = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { throw Malformed(field: field, text: text) }
            let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
            var range = bounds
            if parts[0] != "*" {
                guard ends.count <= 2 else { throw Malformed(field: field, text: text) }
                let low = try number(ends[0], of: text, field, bounds, names: names)
                let high =
                    ends.count == 2
                    ? try number(ends[1], of: text, field, bounds, names: names)
                    : parts.count == 2 ? bounds.upperBound : low
                guard low <= high else { throw Malformed(field: field, text: text) }
                range = low...high
            }
            let step = parts.count == 2 ? try number(parts[1], of: text, field, 1...bounds.upperBound) : 1
            found.formUnion(stride(from: range.lowerBound, through: range.upperBound, by: step))
        }
        return found.sorted()
    }

    private static func number(
        _ digits: Substring, of text: String, _ field: String, _ bounds: ClosedRange<Int>,
        names: [String: Int] = [:]
    ) throws(Malformed) -> Int {
        if let number = names[digits.uppercased()] { return number }
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int(digits), bounds.contains(number)
        else { throw Malformed(field: field, text: text) }
        return number
    }
}
