/// A way to pay that the provider keeps for a customer. We see no more of it than anybody may.
public struct SavedMethod: Hashable, Sendable {
    public let id: String
    public let customer: String?
    /// `visa`, `mastercard`, …, or the kind of method where it is no card.
    public let brand: String
    public let last4: String
    public let expiryMonth: Int?
    public let expiryYear: Int?

    public init(
        id: String, customer: String?, brand: String, last4: String, expiryMonth: Int?, expiryYear: Int?
    ) {
        (self.id, self.customer, self.brand, self.last4) = (id, customer, brand, last4)
        (self.expiryMonth, self.expiryYear) = (expiryMonth, expiryYear)
    }
}

/// By which the customer's browser hands a method to the provider, past us.
public struct MethodSetup: Hashable, Sendable {
    public let id: String
    public let clientSecret: String

    public init(id: String, clientSecret: String) { (self.id, self.clientSecret) = (id, clientSecret) }
}

/// The methods the provider keeps. Failures are `OutsideFailure`.
public struct SavedMethods {
    /// Makes the customer known to the provider; under one key, once.
    public var customer: (_ customer: Customer.ID, _ key: String) throws -> String
    public var setUp: (_ customer: String) throws -> MethodSetup
    public var all: (_ customer: String) throws -> [SavedMethod]
    /// Nothing where there is none of that name.
    public var method: (_ id: String) throws -> SavedMethod?
    public var forget: (_ id: String) throws -> Void

    public init(
        customer: @escaping (_ customer: Customer.ID, _ key: String) throws -> String,
        setUp: @escaping (_ customer: String) throws -> MethodSetup,
        all: @escaping (_ customer: String) throws -> [SavedMethod],
        method: @escaping (_ id: String) throws -> SavedMethod?,
        forget: @escaping (_ id: String) throws -> Void
    ) {
        (self.customer, self.setUp, self.all) = (customer, setUp, all)
        (self.method, self.forget) = (method, forget)
    }

    public static var unset: SavedMethods {
        SavedMethods(
            customer: { _, _ in throw Unset("SavedMethods.customer") },
            setUp: { _ in throw Unset("SavedMethods.setUp") },
            all: { _ in throw Unset("SavedMethods.all") },
            method: { _ in throw Unset("SavedMethods.method") },
            forget: { _ in throw Unset("SavedMethods.forget") })
    }
}
