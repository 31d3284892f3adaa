import Core
import FoundationEssentials

struct CheckoutAnswer: Encodable {
    let orderId: Order.ID
    let state: Order.State
    let subtotal: Money
    let discount: Money
    /// What came on top; where prices hold the tax, that is `includedTax`.
    let tax: Money
    let includedTax: Money
    let total: Money
    /// Where to pay, as long as that is possible and needed.
    let payAt: String?
    let expiresAt: Date?
}

func answer(_ order: Order, _ attempt: PaymentAttempt?, _ isReplay: Bool) throws -> Response {
    let answer = CheckoutAnswer(
        orderId: order.id, state: order.state, subtotal: order.subtotal, discount: order.discount,
        tax: order.tax,
        includedTax: order.includedTax, total: order.total, payAt: attempt?.sessionURL,
        expiresAt: attempt?.expiresAt)
    var response = try Response(201, answer, headers: ["cache-control": "no-store"])
    if isReplay { response.headers["idempotent-replayed"] = "true" }
    return response
}

struct TermsAnswer: Encodable {
    let country: Country
    let taxBasisPoints: Int
    let isTaxIncluded: Bool
    let isWaiverRequired: Bool
    /// To be shown before the order is placed, and named by its version when it is.
    let withdrawalWaiver: Text

    struct Text: Encodable {
        let version: String
        let text: String
    }
}

/// Anybody may read what they would agree to.
func terms(_ request: Request, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery(allowing: ["country"])
    let named = try request.query.parsed("country", expecting: "the two capitals of a country") {
        Country(rawValue: $0)
    }
    let country = named ?? shop.country
    let rule = try shop.tax.rule(country, shop.now())
    let answer = TermsAnswer(
        country: country, taxBasisPoints: rule.basisPoints, isTaxIncluded: rule.isIncluded,
        isWaiverRequired: country.hasEuropeanConsumerLaw,
        withdrawalWaiver: TermsAnswer.Text(
            version: WithdrawalWaiver.current.textVersion, text: WithdrawalWaiver.currentText))
    return try Response(200, answer, headers: ["cache-control": "no-cache"])
}
