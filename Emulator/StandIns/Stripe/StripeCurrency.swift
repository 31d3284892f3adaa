/// How Stripe counts a currency: https://docs.stripe.com/currencies.
struct StripeCurrency: Hashable, Sendable {
    let code: String

    init?(_ code: String) {
        guard Self.known.contains(code) else { return nil }
        self.code = code
    }

    /// Digits after the point in the unit that amounts are given in.
    var decimals: Int { Self.zeroDecimal.contains(code) ? 0 : Self.threeDecimal.contains(code) ? 3 : 2 }

    /// The least that may be charged: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts.
    var minimum: Int {
        if let stated = Self.minimums[code] { return stated }
        return decimals == 0 ? 50 : decimals == 3 ? 500 : 50
    }

    /// Three-decimal amounts end in 0; ISK and UGX are sent with two decimals that must be 00.
    func refusal(of amount: Int) -> String? {
        if Self.threeDecimal.contains(code), !amount.isMultiple(of: 10) {
            return "Invalid amount: \(code.uppercased()) amounts must be a multiple of 10."
        }
        if ["isk", "ugx"].contains(code), !amount.isMultiple(of: 100) {
            return "Invalid amount: \(code.uppercased()) amounts must be a multiple of 100."
        }
        return nil
    }

    /// `12.50 EUR`.
    func written(_ amount: Int) -> String {
        guard decimals > 0 else { return "\(amount) \(code.uppercased())" }
        let digits = String(amount)
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return "\(padded.dropLast(decimals)).\(padded.suffix(decimals)) \(code.uppercased())"
    }

    private static let zeroDecimal: Set<String> = [
        "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof",
        "xpf",
    ]
    private static let threeDecimal: Set<String> = ["bhd", "jod", "kwd", "omr", "tnd"]
    private static let twoDecimal: Set<String> = [
        "aed", "ars", "aud", "bgn", "brl", "cad", "chf", "cny", "cop", "czk", "dkk", "egp", "eur", "gbp",
        "hkd",
        "huf", "idr", "ils", "inr", "isk", "kes", "mad", "mxn", "myr", "ngn", "nok", "nzd", "pen", "php",
        "pln",
        "qar", "ron", "rsd", "sar", "sek", "sgd", "thb", "try", "twd", "uah", "ugx", "usd", "uyu", "zar",
    ]
    private static let known = zeroDecimal.union(threeDecimal).union(twoDecimal)
    private static let minimums = [
        "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500,
        "dkk": 250,
        "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200,
        "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
    ]
}
