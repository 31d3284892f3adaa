/// A language that the shop's pages speak.
public enum PageLanguage: String, CaseIterable, Sendable {
    case english = "en"
    case arabic = "ar"

    public var direction: String { self == .arabic ? "rtl" : "ltr" }

    /// Unicode CLDR, plural rules of whole numbers.
    func pluralCategory(of count: Int) -> String {
        switch self {
        case .english: return count == 1 ? "one" : "other"
        case .arabic:
            switch (count, count % 100) {
            case (0, _): return "zero"
            case (1, _): return "one"
            case (2, _): return "two"
            case (_, 3...10): return "few"
            case (_, 11...99): return "many"
            default: return "other"
            }
        }
    }

    /// The first of those a browser asks for that the shop speaks (RFC 9110, section 12.5.4); English
    /// otherwise.
    public init(preferred header: String?) {
        let asked = (header ?? "").split(separator: ",").prefix(20).enumerated().compactMap {
            place, text -> (language: PageLanguage, weight: Double, place: Int)? in
            let parts = text.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
            let tag = parts.first?.split(separator: "-").first.map { $0.lowercased() } ?? ""
            let weight =
                parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            return PageLanguage(rawValue: tag).flatMap { weight > 0 ? ($0, weight, place) : nil }
        }
        self = asked.max { ($0.weight, $1.place) < ($1.weight, $0.place) }?.language ?? .english
    }
}
