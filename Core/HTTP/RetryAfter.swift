public import FoundationEssentials

extension Response {
    /// What `Retry-After` asks for, in milliseconds: a number of seconds or a date (RFC 9110, section
    /// 10.2.3). Nil when it is absent or says nothing that can be read; never negative.
    public func retryAfterMilliseconds(now: Date) -> Int? {
        guard let text = headers["retry-after"] else { return nil }
        if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) {
            return Int(text).map { min($0, 86_400 * 365) * 1000 }
        }
        guard let date = date(text) else { return nil }
        return max(0, Int((date.timeIntervalSince(now) * 1000).rounded(.up)))
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`: the one form of a date that is still sent (RFC 9110, section 5.6.7).
    private func date(_ text: String) -> Date? {
        let parts = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])) else {
            return nil
        }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return try? Date("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z", strategy: .iso8601)
    }
}
