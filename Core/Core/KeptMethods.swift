public import Bookshop
internal import Lambda
internal import Postgres
internal import Records

extension Shop {
    /// Ways to pay that the provider keeps for a customer; none for whom it does not know.
    public func methods(of customer: Principal) throws -> [SavedMethod] {
        let known = try database.transaction { try $0.providerCustomer(of: customer.id) }
        return try known.map(methods.all) ?? []
    }

    /// By what a customer hands the provider a new one. They become known to it at the first.
    public func setUpMethod(for customer: Principal) throws -> MethodSetup {
        try methods.setUp(try providerCustomer(of: customer))
    }

    /// Another customer's method is none.
    public func forgetMethod(_ id: String, of customer: Principal) throws {
        let known = try database.transaction { try $0.providerCustomer(of: customer.id) }
        guard let known, try methods.method(id)?.customer == known else { throw PaymentError.noSuchMethod }
        try methods.forget(id)
    }

    private func providerCustomer(of customer: Principal) throws -> String {
        let (known, key) = try database.transaction { transaction in
            (
                try transaction.providerCustomer(of: customer.id),
                try transaction.providerCustomerKey(of: customer.id)
            )
        }
        if let known { return known }
        let made = try methods.customer(customer.id, key)
        return try database.transaction { transaction in
            try transaction.note(providerCustomer: made, of: customer.id)
            return try transaction.providerCustomer(of: customer.id) ?? made
        }
    }
}
