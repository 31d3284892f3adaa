/// What the payment provider keeps of people who are customers of the shop no more. Failures are `OutsideFailure`.
public struct ProviderCustomers {
    /// Forgets the customer and all their ways to pay, for ever; one that is gone already is no failure.
    public var delete: (_ customer: String) throws -> Void

    public init(delete: @escaping (_ customer: String) throws -> Void) { self.delete = delete }

    public static var unset: ProviderCustomers {
        ProviderCustomers(delete: { _ in throw Unset("ProviderCustomers.delete") })
    }
}
