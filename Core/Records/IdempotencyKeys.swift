public import Bookshop
public import Postgres

/// What is known of a request under its key.
public enum KeyedRequest: Hashable, Sendable {
    /// It is the caller's to do; until the lock is over, nobody else does.
    case fresh
    case inProgress
    case answered(status: Int, response: [UInt8])
}

extension Transaction {
    /// Begins a request whose answer has no natural key to be found again under. A request that began and was
    /// never answered is begun again when its lock is over.
    ///
    /// Throws `IdempotencyKeyReused` when the key named another request.
    public func begin(
        _ key: IdempotencyKey, of principal: String, requestHash: [UInt8], lockSeconds: Int
    ) throws -> KeyedRequest {
        let begun = try run(
            """
            INSERT INTO plumbing.idempotency_keys AS known (principal, key, request_hash, locked_until)
            VALUES (\(principal), \(key), \(requestHash),
                clock_timestamp() + make_interval(secs => \(lockSeconds)))
            ON CONFLICT (principal, key) DO UPDATE SET locked_until = EXCLUDED.locked_until
            WHERE known.locked_until <= clock_timestamp() AND known.request_hash = EXCLUDED.request_hash
            """)
        if begun == 1 { return .fresh }
        let known: KnownRequest = try certain(
            """
            SELECT request_hash = \(requestHash) AS is_same, status, response FROM plumbing.idempotency_keys
            WHERE principal = \(principal) AND key = \(key)
            """)
        guard known.isSame else { throw IdempotencyKeyReused() }
        guard let status = known.status, let response = known.response else { return .inProgress }
        return .answered(status: status, response: response)
    }

    public func answer(
        _ key: IdempotencyKey, of principal: String, status: Int, response: [UInt8]
    ) throws {
        try run(
            """
            UPDATE plumbing.idempotency_keys
            SET status = \(status), response = \(response), locked_until = NULL
            WHERE principal = \(principal) AND key = \(key) AND status IS NULL
            """)
    }

    /// Forgets keys after their day. What they named is found under its own key after that, or done again.
    public func forgetIdempotencyKeys(olderThanSeconds seconds: Int) throws -> Int {
        try run(
            """
            DELETE FROM plumbing.idempotency_keys
            WHERE created_at <= now() - make_interval(secs => \(seconds))
            """)
    }
}

private struct KnownRequest: RowDecodable {
    let isSame: Bool
    let status: Int?
    let response: [UInt8]?
    init(_ row: borrowing Row) throws(PostgresError) {
        (isSame, status, response) = (try row["is_same"], try row["status"], try row["response"])
    }
}
