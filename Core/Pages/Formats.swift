public import Bookshop

/// Numbers, lengths and amounts as the pages tell them. Digits are the same in all languages, as the
/// browser's side writes them too.
extension Messages {
    /// `12,345`.
    public func number(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        let grouped = digits.indices.map { index in
            let isBorder = index > 0 && (digits.count - index).isMultiple(of: 3)
            return (isBorder ? "," : "") + String(digits[index])
        }
        return (value < 0 ? "-" : "") + grouped.joined()
    }

    /// `€14.99`.
    public func money(_ money: Money) -> String {
        let parts = money.decimal.split(separator: ".")
        let amount = ([number(Int(parts[0]) ?? 0)] + parts.dropFirst().map(String.init)).joined(
            separator: ".")
        let code = money.currency.rawValue
        let symbol = ["EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"][code]
        // A right-to-left mark keeps the amount from being torn apart.
        if language == .arabic { return "\u{200F}\(amount)\u{A0}\(symbol ?? code)" }
        return symbol.map { $0 + amount } ?? "\(code)\u{A0}\(amount)"
    }

    /// About how long something is: `9 h 42 min`.
    public func duration(_ milliseconds: Int) -> String {
        let minutes = (milliseconds + 30_000) / 60_000
        guard minutes > 0 else {
            return self("common.duration.seconds", ["seconds": "\((milliseconds + 500) / 1000)"])
        }
        return self(
            minutes >= 60 ? "common.duration.hours" : "common.duration.minutes",
            ["hours": "\(minutes / 60)", "minutes": "\(minutes % 60)"])
    }

    /// `26 Nov 2026`.
    public func day(year: Int, month: Int, day: Int) -> String {
        let english = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let arabic = [
            "يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر",
            "نوفمبر",
            "ديسمبر",
        ]
        let names = language == .arabic ? arabic : english
        return "\(day) \(names[(month - 1) % 12]) \(year)"
    }

    /// `Anna, Ben and Cara`.
    public func listed(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        let others = names.dropLast().dropFirst().reduce(names[0]) {
            self("common.comma", ["first": $0, "last": $1])
        }
        return self("common.and", ["first": others, "last": last])
    }
}
