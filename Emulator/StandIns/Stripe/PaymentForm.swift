import Foundation

/// What a buyer typed, and what is wrong with it.
struct PaymentForm: Sendable {
    enum Name: String, CaseIterable, Sendable {
        case email, method, card, expiry, cvc, iban, name, country
    }

    private(set) var values: [Name: String] = [:]
    private(set) var errors: [Name: String] = [:]

    init(email: String?) {
        values[.email] = email
        values[.method] = "card"
    }

    init(_ form: Form) {
        for name in Name.allCases {
            values[name] = form[name.rawValue]?.trimmingCharacters(in: .whitespaces) ?? ""
        }
        if values[.method] == "" { values[.method] = "card" }
    }

    subscript(_ name: Name) -> String { values[name] ?? "" }

    /// Nil where a field is wrong; then `errors` says so for each.
    mutating func confirmed(
        methods: [String], isFree: Bool, now: Date
    ) -> (buyer: StripePayment.Buyer, method: PaymentMethod?)? {
        require(.email, "Enter your e-mail address.") { text in
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
        }
        require(.name, "Enter the name of the payer.") { !$0.isEmpty }
        require(.country, "Choose your country.") { Self.countries.map(\.code).contains($0) }
        let method = isFree ? nil : paymentMethod(methods, now: now)
        guard errors.isEmpty else { return nil }
        return (.init(email: self[.email], name: self[.name], country: self[.country]), method)
    }

    private mutating func paymentMethod(_ methods: [String], now: Date) -> PaymentMethod? {
        guard methods.contains(self[.method]) else {
            errors[.method] = "Choose how to pay."
            return nil
        }
        guard self[.method] == "card" else {
            let iban = self[.iban].filter { !$0.isWhitespace }.uppercased()
            require(.iban, "Enter a complete IBAN.") { _ in PaymentMethod.isIBAN(iban) }
            return .debit(iban: iban)
        }
        let number = self[.card].filter { !$0.isWhitespace && $0 != "-" }
        require(.card, "Your card number is invalid.") { _ in PaymentMethod.isCardNumber(number) }
        require(.cvc, "Enter the three or four digits of the security code.") { text in
            (3...4).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
        }
        guard let expiry = Self.expiry(self[.expiry]) else {
            errors[.expiry] = "Enter the expiry date as month and year: 12 / 34."
            return nil
        }
        if !Self.isAhead(expiry, of: now) { errors[.expiry] = "Your card's expiration date is in the past." }
        return .card(number: number, expiryMonth: expiry.month, expiryYear: expiry.year)
    }

    private mutating func require(_ name: Name, _ message: String, _ holds: (String) -> Bool) {
        if !holds(self[name]) { errors[name] = message }
    }

    /// `12/34`, `12 / 34`, `1234`, `12/2034`.
    private static func expiry(_ text: String) -> (month: Int, year: Int)? {
        let digits = text.filter { !$0.isWhitespace && $0 != "/" }
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), [4, 6].contains(digits.count),
            let month = Int(digits.prefix(2)), (1...12).contains(month), let year = Int(digits.dropFirst(2))
        else { return nil }
        return (month, year < 100 ? year + 2000 : year)
    }

    /// A card is good to the end of its month.
    private static func isAhead(_ expiry: (month: Int, year: Int), of now: Date) -> Bool {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let today = calendar.dateComponents([.year, .month], from: now)
        return (expiry.year, expiry.month) >= (today.year ?? 0, today.month ?? 0)
    }

    static let countries: [(code: String, name: String)] = [
        ("AT", "Austria"), ("AU", "Australia"), ("BE", "Belgium"), ("CA", "Canada"), ("CH", "Switzerland"),
        ("CZ", "Czechia"), ("DE", "Germany"), ("DK", "Denmark"), ("ES", "Spain"), ("FI", "Finland"),
        ("FR", "France"), ("GB", "United Kingdom"), ("IE", "Ireland"), ("IT", "Italy"), ("JP", "Japan"),
        ("NL", "Netherlands"), ("NO", "Norway"), ("NZ", "New Zealand"), ("PL", "Poland"), ("PT", "Portugal"),
        ("SE", "Sweden"), ("US", "United States"),
    ]
}
