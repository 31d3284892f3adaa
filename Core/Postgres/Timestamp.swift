public import FoundationEssentials

/// `timestamptz`, exact to the microsecond, which is all that Postgres keeps (until the year 2137 a `Date`
/// holds it too). A text without an offset names no instant and is refused; so is `infinity`, which `Date`
/// cannot hold.
extension Date: SQLValue, SQLElement {
    public var sqlText: String {
        let sinceReference = (timeIntervalSinceReferenceDate * 1e6).rounded()
        guard let microseconds = Int(exactly: sinceReference) else {
            return sinceReference.isNaN ? "NaN" : sinceReference < 0 ? "-infinity" : "infinity"
        }
        let (seconds, fraction) = floorDivide(microseconds, by: 1_000_000)
        let (days, second) = floorDivide(seconds + Self.referenceEpoch, by: 86_400)
        let (year, month, day) = civil(fromDays: days)
        let date = "\(padded(year > 0 ? year : 1 - year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let time = "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        return "\(date) \(time).\(padded(fraction, 6))+00" + (year > 0 ? "" : " BC")
    }

    /// `2026-07-29 12:34:56.789+00`, and the same with an offset of hours, minutes and seconds, and `BC`.
    public init?(sqlText: String) {
        var scanner = TimestampScanner(sqlText)
        guard let microseconds = scanner.microsecondsSinceEpoch() else { return nil }
        let sinceReference = microseconds - Self.referenceEpoch * 1_000_000
        self.init(timeIntervalSinceReferenceDate: Double(sinceReference) / 1e6)
    }

    /// 2001-01-01 in seconds since 1970.
    private static let referenceEpoch = 978_307_200
}

private struct TimestampScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    mutating func microsecondsSinceEpoch() -> Int? {
        guard let year = number(4...6), take("-"), let month = number(2...2), take("-"),
            let day = number(2...2), take(" "), let hour = number(2...2), take(":"),
            let minute = number(2...2), take(":"), let second = number(2...2), let fraction = fraction(),
            let offset = offset(), (1...12).contains(month), (1...31).contains(day),
            // Later years, which Postgres has until 294276, overflow 64 bits of microseconds since 1970.
            (1...290_000).contains(year)
        else { return nil }
        let beforeChrist = take(" ") && take("B") && take("C")
        guard rest.isEmpty else { return nil }
        let days = days(fromCivil: beforeChrist ? 1 - year : year, month, day)
        return (days * 86_400 + hour * 3600 + minute * 60 + second - offset) * 1_000_000 + fraction
    }

    private mutating func number(_ digits: ClosedRange<Int>) -> Int? {
        let prefix = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard digits.contains(prefix.count), let number = Int(String(prefix) ?? "") else { return nil }
        rest = rest.dropFirst(prefix.count)
        return number
    }

    private mutating func fraction() -> Int? {
        guard take(".") else { return 0 }
        let before = rest.count
        guard var fraction = number(1...6) else { return nil }
        for _ in (before - rest.count)..<6 { fraction *= 10 }
        return fraction
    }

    private mutating func offset() -> Int? {
        guard rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") else { return nil }
        let sign = take("+") ? 1 : -1
        if sign < 0 { _ = take("-") }
        guard let hours = number(2...2) else { return nil }
        var seconds = hours * 3600
        for unit in [60, 1] where take(":") {
            guard let part = number(2...2) else { return nil }
            seconds += part * unit
        }
        return sign * seconds
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }
}

private func floorDivide(_ value: Int, by divisor: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

/// Howard Hinnant, "chrono-compatible low-level date algorithms": the proleptic Gregorian calendar, days from
/// 1970. Year 0 is 1 BC.
private func days(fromCivil year: Int, _ month: Int, _ day: Int) -> Int {
    let (era, yearOfEra) = floorDivide(month <= 2 ? year - 1 : year, by: 400)
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

private func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
    let (era, dayOfEra) = floorDivide(days + 719_468, by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
}
