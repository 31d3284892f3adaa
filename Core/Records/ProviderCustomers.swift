public import Bookshop
public import Postgres

extension Transaction {
    /// Whom the payment provider knows a customer as.
    public func providerCustomer(of customer: Customer.ID) throws -> String? {
        try value("SELECT stripe_customer_id FROM identity.users WHERE id = \(customer)")
    }

    /// The key under which the provider is asked to know a customer: one for each, for ever.
    public func providerCustomerKey(of customer: Customer.ID) throws -> String {
        try only(
            """
            UPDATE identity.users
            SET stripe_customer_key = COALESCE(stripe_customer_key, 'cus_' || gen_random_uuid())
            WHERE id = \(customer) RETURNING stripe_customer_key
            """)
    }

    /// Who was there first stays.
    public func note(providerCustomer: String, of customer: Customer.ID) throws {
        try run(
            """
            UPDATE identity.users SET stripe_customer_id = \(providerCustomer)
            WHERE id = \(customer) AND stripe_customer_id IS NULL AND erased_at IS NULL
            """)
    }
}
