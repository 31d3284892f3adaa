/// A currency the shop can be paid in, by its ISO 4217 code in capitals. The exponents are those
/// Stripe counts by, which differ from ISO's (docs.stripe.com/currencies).
public struct Currency: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String

    public init?(rawValue: String) {
        guard Self.rules[rawValue] != nil else { return nil }
        self.rawValue = rawValue
    }

    private init(known code: String) { rawValue = code }

    public static let eur = Self(known: "EUR")
    public static let usd = Self(known: "USD")
    public static let gbp = Self(known: "GBP")
    public static let jpy = Self(known: "JPY")

    /// How many decimals the smallest unit stands behind.
    public var exponent: Int { rule.exponent }
    /// What an amount in minor units must be divisible by: kronur and shillings are sent in
    /// hundredths that must be whole, and the third decimal of a dinar is always zero.
    public var multiple: Int { rule.multiple }
    /// The least that can be charged, in minor units, where Stripe publishes one.
    public var minimumCharge: Int { rule.minimumCharge }

    public static var all: [Currency] { rules.keys.sorted().map(Currency.init(known:)) }

    private var rule: Rule {
        guard let rule = Self.rules[rawValue] else { preconditionFailure("\(rawValue) has no rule") }
        return rule
    }
}

extension Currency {
    private struct Rule: Sendable {
        let exponent: Int
        let multiple: Int
        let minimumCharge: Int
    }

    private static let rules: [String: Rule] = {
        var rules: [String: Rule] = [:]
        for (code, minimum) in [
            "AED": 200, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250,
            "EUR": 50, "GBP": 30, "HKD": 400, "HUF": 17500, "INR": 50, "MXN": 1000, "MYR": 200, "NOK": 300,
            "NZD": 50, "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000, "USD": 50,
        ] {
            rules[code] = Rule(exponent: 2, multiple: 1, minimumCharge: minimum)
        }
        for code in [
            "BIF", "CLP", "DJF", "GNF", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
        ] {
            rules[code] = Rule(exponent: 0, multiple: 1, minimumCharge: 1)
        }
        rules["JPY"] = Rule(exponent: 0, multiple: 1, minimumCharge: 50)
        for code in ["ISK", "UGX"] { rules[code] = Rule(exponent: 2, multiple: 100, minimumCharge: 100) }
        for code in ["BHD", "JOD", "KWD", "OMR", "TND"] {
            rules[code] = Rule(exponent: 3, multiple: 10, minimumCharge: 10)
        }
        return rules
    }()
}
