import Core
import FoundationEssentials

struct PaymentWish: Decodable {
    let orderId: Order.ID
}

struct ConfirmationWish: Decodable {
    let paymentIntent: String
}

struct RefundBody: Decodable {
    let orderId: Order.ID
    /// All that is left where none are named.
    let lines: [Int]?
    let reason: RefundWish.Reason

    var wish: RefundWish {
        get throws(Problem) {
            if let lines {
                guard (1...100).contains(lines.count), Set(lines).count == lines.count,
                    lines.allSatisfy({ (1...32_767).contains($0) })
                else { throw RefundError.noSuchLine.problem }
            }
            return RefundWish(order: orderId, lines: lines?.sorted(), reason: reason)
        }
    }
}

/// With what a browser pays.
struct IntentAnswer: Encodable {
    let orderId: Order.ID
    let paymentIntent: String
    let status: String
    let amount: Money
    let clientSecret: String?
    let publishableKey: String

    init(_ order: Order, _ intent: PaymentIntent, _ publishableKey: String) {
        (orderId, amount, self.publishableKey) = (order.id, order.total, publishableKey)
        (paymentIntent, status) = (intent.id, intent.status.rawValue)
        clientSecret = intent.clientSecret
    }
}

struct ConfirmationAnswer: Encodable {
    let orderId: Order.ID
    let state: Order.State
    /// By the ledger: `paid`, `unpaid`, ….
    let paymentStatus: String?
    /// The payment's own, at the provider.
    let status: String

    init(_ confirmed: (order: Order, status: String?, intent: PaymentIntent)) {
        (orderId, state) = (confirmed.order.id, confirmed.order.state)
        (paymentStatus, status) = (confirmed.status, confirmed.intent.status.rawValue)
    }
}

struct RefundAnswer: Encodable {
    let id: Refund.ID
    let orderId: Order.ID
    let amount: Money
    let state: Refund.State
    let reason: Refund.Reason
    /// Absent where it is of the payment and not of lines.
    let lines: [Int]?
    let createdAt: Date

    init(_ refund: Refund) {
        (id, orderId, amount) = (refund.id, refund.order, refund.amount)
        (state, reason, createdAt) = (refund.state, refund.reason, refund.createdAt)
        lines = refund.lines.isEmpty ? nil : refund.lines
    }
}

struct MethodsAnswer: Encodable {
    let items: [MethodAnswer]
}

struct MethodAnswer: Encodable {
    let id: String
    let brand: String
    let last4: String
    let expiryMonth: Int?
    let expiryYear: Int?

    init(_ method: SavedMethod) {
        (id, brand, last4) = (method.id, method.brand, method.last4)
        (expiryMonth, expiryYear) = (method.expiryMonth, method.expiryYear)
    }
}

/// With what a browser hands a new way to pay to the provider, past the shop.
struct SetupAnswer: Encodable {
    let setupIntent: String
    let clientSecret: String
    let publishableKey: String

    init(_ setup: MethodSetup, _ publishableKey: String) {
        (setupIntent, clientSecret) = (setup.id, setup.clientSecret)
        self.publishableKey = publishableKey
    }
}

extension Response {
    /// For the caller alone, and kept by nobody.
    static func `private`(_ status: Int, _ body: some Encodable) throws -> Response {
        try Response(status, body, headers: ["cache-control": "no-store"])
    }
}
