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

/// A customer whom the payment provider is still to forget.
public struct DepartedCustomer: RowDecodable, Sendable {
    public let id: String

    public init(_ row: borrowing Row) throws(PostgresError) { id = try row["stripe_customer_id"] }
}

extension Transaction {
    /// Those whose turn it is, the longest waiting first.
    public func departedCustomers(limit: Int) throws -> [DepartedCustomer] {
        try all(
            """
            SELECT stripe_customer_id FROM sales.customer_deletions
            WHERE next_try_at <= now() ORDER BY next_try_at, stripe_customer_id LIMIT \(limit)
            """)
    }

    /// The provider has forgotten them, and so do we.
    public func forget(_ customer: DepartedCustomer) throws {
        try run("DELETE FROM sales.customer_deletions WHERE stripe_customer_id = \(customer.id)")
    }

    /// It is tried again later: after a minute, then twice as long each time, at most a day.
    public func putOff(_ customer: DepartedCustomer) throws {
        try run(
            """
            UPDATE sales.customer_deletions SET attempts = attempts + 1,
                next_try_at = now() + least(interval '1 day', interval '1 minute' * 2 ^ least(attempts, 20))
            WHERE stripe_customer_id = \(customer.id)
            """)
    }
}
