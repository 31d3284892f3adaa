/// Why an order does not go where somebody wants it to.
public enum OrderMoveError: Error, Equatable {
    /// There is no such step, or none that a person may take.
    case illegal(from: Order.State, to: Order.State)
    /// It was paid while it was being given up, and that counts.
    case paid
    /// The customer has paid by a way that takes days: money may come, or not.
    case beingPaid
    case changedMeanwhile
}

extension Order.State {
    /// Whether a person may move an order from here to there. Money alone confirms one, and it may do so even
    /// after the order was given up.
    public func mayBeMoved(to end: Order.State) -> Bool {
        self == .pending && (end == .cancelled || end == .expired)
    }
}
