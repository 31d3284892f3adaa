// The table of refusals, as far as it is about what becomes of orders. `type` is for programs and is never renamed.

public import Bookshop
public import Lambda

extension OrderMoveError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .illegal(_, .confirmed):
            Problem(409, "illegal-transition", "Money alone confirms an order: nobody does it by hand.")
        case .illegal(let from, let to):
            Problem(
                409, "illegal-transition", "An order that is \(from.rawValue) does not become \(to.rawValue)."
            )
        case .paid: Problem(409, "order-paid", "This order was paid, and that counts: its books are there.")
        case .beingPaid:
            Problem(
                409, "payment-processing",
                "A payment of this order is on its way. It cannot be given up until that is decided.")
        case .changedMeanwhile: .stale
        }
    }
}

extension Problem {
    public static let noReceipt = Problem(
        409, "no-receipt", "There is a receipt once the order is confirmed, and not before.")
    public static let notAcceptable = Problem(
        406, "not-acceptable", "A receipt is text/html or application/pdf: ask for one of them.")
}
