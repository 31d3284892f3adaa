/// Why an order is not paid now, or a way to pay is not there.
public enum PaymentError: Error, Equatable {
    case noSuchOrder
    case noSuchPayment
    case noSuchMethod
    /// It is paid, or was given up.
    case notPayable(Order.State)
    case nothingToPay
    /// The money is coming, which may take days.
    case onItsWay
    /// Another page of the same order was opened at this moment.
    case paidElsewhere
}
