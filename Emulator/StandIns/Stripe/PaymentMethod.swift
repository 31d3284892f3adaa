/// What Stripe's test numbers do: https://docs.stripe.com/testing. Any other well-formed number succeeds, so
/// that nobody types a real one in vain hope of a refusal; the number itself is never kept.
enum PaymentMethod: Hashable, Sendable {
    case card(number: String, expiryMonth: Int, expiryYear: Int)
    case debit(iban: String)

    enum Outcome: Hashable, Sendable {
        case succeeds
        case declined(code: String, reason: String?, message: String)
        case asksForAuthentication
        /// Known only days later, in truth; here after `StripeStandIn.Configuration.settlementDelay`.
        case settlesLater(well: Bool)
    }

    /// How a refund of it ends: at once, later well, or later badly.
    enum RefundOutcome: String, Sendable { case succeeds, succeedsLater, failsLater }

    var outcome: Outcome {
        switch self {
        case .debit(let iban): .settlesLater(well: iban != Self.failingIBAN)
        case .card(let number, _, _): Self.outcomes[number] ?? .succeeds
        }
    }

    var refundOutcome: RefundOutcome {
        switch self {
        case .card("4000000000007726", _, _): .succeedsLater
        case .card("4000000000005126", _, _): .failsLater
        default: .succeeds
        }
    }

    /// What follows of a charge by it that succeeded.
    enum Aftermath: String, Sendable { case dispute, notReceived, inquiry, fraudWarning }

    var aftermath: Aftermath? {
        guard case .card(let number, _, _) = self else { return nil }
        return Self.aftermaths[number]
    }

    /// The number, where it is one of Stripe's for tests that does something of its own. No other is kept.
    var testNumber: String? {
        switch self {
        case .card(let number, _, _):
            Self.outcomes[number] != nil || Self.aftermaths[number] != nil || refundOutcome != .succeeds
                ? number : nil
        case .debit(let iban): iban == Self.failingIBAN ? iban : nil
        }
    }

    /// As a charge shows it: never more than the last four digits.
    var details: JSON {
        switch self {
        case .card(let number, let month, let year):
            [
                "type": "card",
                "card": [
                    "brand": .string(Self.brand(of: number)), "country": "US", "exp_month": .integer(month),
                    "exp_year": .integer(year), "funding": "credit",
                    "last4": .string(String(number.suffix(4))),
                    "network": .string(Self.brand(of: number)),
                ],
            ]
        case .debit(let iban):
            [
                "type": "sepa_debit",
                "sepa_debit": [
                    "country": .string(String(iban.prefix(2))), "last4": .string(String(iban.suffix(4))),
                ],
            ]
        }
    }

    private static let failingIBAN = "DE62370400440532013001"

    private static let aftermaths: [String: Aftermath] = [
        "4000000000000259": .dispute, "4000000000002685": .notReceived, "4000000000001976": .inquiry,
        "4000000000005423": .fraudWarning,
    ]

    private static let outcomes: [String: Outcome] = [
        "4000000000000002": .declined(
            code: "card_declined", reason: "generic_decline", message: "Your card was declined."),
        "4000000000009995": .declined(
            code: "card_declined", reason: "insufficient_funds",
            message: "Your card has insufficient funds."),
        "4000000000009987": .declined(
            code: "card_declined", reason: "lost_card", message: "Your card was declined."),
        "4000000000000069": .declined(
            code: "expired_card", reason: nil, message: "Your card has expired."),
        "4000000000000127": .declined(
            code: "incorrect_cvc", reason: nil, message: "Your card's security code is incorrect."),
        "4000000000000119": .declined(
            code: "processing_error", reason: nil,
            message: "An error occurred while processing your card. Try again in a little bit."),
        "4000002500003155": .asksForAuthentication,
        "4000002760003184": .asksForAuthentication,
        "4000000000003220": .asksForAuthentication,
    ]

    private static func brand(of number: String) -> String {
        switch number.prefix(1) {
        case "4": "visa"
        case "2", "5": "mastercard"
        case "3": "amex"
        default: "unknown"
        }
    }

    /// The Luhn check of ISO/IEC 7812, over 12 to 19 digits.
    static func isCardNumber(_ number: String) -> Bool {
        guard (12...19).contains(number.utf8.count) else { return false }
        var sum = 0
        for (index, byte) in number.utf8.reversed().enumerated() {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return false }
            let digit = Int(byte - UInt8(ascii: "0")) * (index.isMultiple(of: 2) ? 1 : 2)
            sum += digit > 9 ? digit - 9 : digit
        }
        return sum.isMultiple(of: 10)
    }

    /// The check digits of ISO 13616: the country and digits moved behind and read as a number, modulo 97, is
    /// 1.
    static func isIBAN(_ iban: String) -> Bool {
        guard (15...34).contains(iban.utf8.count) else { return false }
        var remainder = 0
        for byte in Array(iban.utf8.dropFirst(4)) + Array(iban.utf8.prefix(4)) {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                remainder = remainder * 10 + Int(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                remainder = remainder * 100 + Int(byte - UInt8(ascii: "A")) + 10
            default: return false
            }
            remainder %= 97
        }
        return remainder == 1
    }
}
