public import Foundation

/// The ways AWS's protocols write an instant, all in UTC and of the Gregorian calendar.
public enum Timestamp {
    /// `20260102T030405Z`, Signature Version 4's own.
    public static func basic(_ date: Date) -> String {
        let time = broken(date)
        return four(time.tm_year + 1900) + two(time.tm_mon + 1) + two(time.tm_mday) + "T"
            + two(time.tm_hour) + two(time.tm_min) + two(time.tm_sec) + "Z"
    }

    /// Nil for anything but sixteen characters that name an instant that exists.
    public static func basic(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == 0x54, bytes[15] == 0x5A else { return nil }
        func number(_ range: Range<Int>) -> Int32? {
            bytes[range].allSatisfy { (0x30...0x39).contains($0) }
                ? bytes[range].reduce(0) { $0 * 10 + Int32($1 - 0x30) } : nil
        }
        guard let year = number(0..<4), let month = number(4..<6), let day = number(6..<8),
            let hour = number(9..<11), let minute = number(11..<13), let second = number(13..<15)
        else { return nil }
        var time = tm()
        (time.tm_year, time.tm_mon, time.tm_mday) = (year - 1900, month - 1, day)
        (time.tm_hour, time.tm_min, time.tm_sec) = (hour, minute, second)
        let date = Date(timeIntervalSince1970: TimeInterval(timegm(&time)))
        return basic(date) == text ? date : nil
    }

    /// `2026-01-02T03:04:05.678Z`, as XML and JSON answers hold it.
    public static func extended(_ date: Date) -> String {
        let milliseconds = Int((date.timeIntervalSince1970 * 1000).rounded(.down))
        let time = broken(date)
        let day = four(time.tm_year + 1900) + "-" + two(time.tm_mon + 1) + "-" + two(time.tm_mday)
        let clock = two(time.tm_hour) + ":" + two(time.tm_min) + ":" + two(time.tm_sec)
        let fraction = String(1000 + (milliseconds % 1000 + 1000) % 1000).dropFirst()
        return day + "T" + clock + "." + fraction + "Z"
    }

    /// Accepts fractions of a second and their absence, in UTC only: what POST policies hold.
    public static func extended(_ text: String) -> Date? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == 0x5A, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[13] == 0x3A,
            bytes[16] == 0x3A
        else { return nil }
        let seconds = String(text.prefix(19)).filter { $0 != "-" && $0 != ":" } + "Z"
        let fraction = text.dropFirst(19).dropLast()
        guard fraction.isEmpty || (fraction.first == "." && fraction.dropFirst().allSatisfy(\.isNumber))
        else {
            return nil
        }
        return basic(seconds)
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// `Fri, 02 Jan 2026 03:04:05 GMT` (RFC 9110, section 5.6.7).
    public static func http(_ date: Date) -> String {
        let time = broken(date)
        let day = days[Int(time.tm_wday)] + ", " + two(time.tm_mday) + " " + months[Int(time.tm_mon)]
        return day + " " + four(time.tm_year + 1900) + " "
            + two(time.tm_hour) + ":" + two(time.tm_min) + ":" + two(time.tm_sec) + " GMT"
    }

    /// Only the form that RFC 9110 lets a sender write.
    public static func http(_ text: String) -> Date? {
        let words = text.split(separator: " ")
        guard words.count == 6, let month = months.firstIndex(of: String(words[2])) else { return nil }
        let clock = words[4].filter { $0 != ":" }
        guard let date = basic(words[3] + two(Int32(month + 1)) + words[1] + "T" + clock + "Z") else {
            return nil
        }
        return http(date) == text ? date : nil
    }

    /// `02/Jan/2026:03:04:05 +0000`, as web servers log the time and API Gateway tells it.
    public static func commonLog(_ date: Date) -> String {
        let time = broken(date)
        let day = two(time.tm_mday) + "/" + months[Int(time.tm_mon)] + "/" + four(time.tm_year + 1900)
        return day + ":" + two(time.tm_hour) + ":" + two(time.tm_min) + ":" + two(time.tm_sec) + " +0000"
    }

    private static func broken(_ date: Date) -> tm {
        var seconds = time_t(date.timeIntervalSince1970.rounded(.down))
        var time = tm()
        gmtime_r(&seconds, &time)
        return time
    }

    private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    private static func four(_ number: Int32) -> String { String(10000 + number).suffix(4).description }
}
