// The table of refusals, as far as it is about paying and giving back. `type` is for programs and is never renamed.

public import Bookshop
public import Lambda

extension PaymentError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchOrder, .noSuchPayment, .noSuchMethod: .notFound
        case .notPayable(let state):
            Problem(409, "order-not-payable", "This order is \(state.rawValue): there is nothing to pay.")
        case .nothingToPay: Problem(409, "nothing-to-pay", "This order costs nothing: check it out.")
        case .onItsWay:
            Problem(409, "payment-processing", "A payment of this order is on its way, which may take days.")
        case .paidElsewhere:
            Problem(
                409, "order-pending", "Another page to pay this order on was opened just now.",
                headers: ["retry-after": "2"])
        }
    }
}

extension RefundError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchOrder: .notFound
        case .noSuchLine: .invalid("/lines", "numbers of lines of this order")
        case .notPaid: Problem(409, "not-paid", "Nothing was received for this order.")
        case .nothingLeft:
            Problem(409, "already-refunded", "All of this went back already, or is on its way.")
        case .tooMuch:
            Problem(409, "refund-exceeds", "Less than this is left of what was received for the order.")
        case .disputed:
            Problem(
                409, "charge-disputed", "The customer's bank disputes this payment: it cannot be refunded.")
        case .refused(let code):
            Problem(409, "refund-refused", "The payment provider refuses this refund: \(code).")
        }
    }
}
