/// What happens together or not at all. A query that must be atomic with others is written on this type and
/// not on `Connection`; being noncopyable, it cannot be kept beyond its block.
public struct Transaction: ~Copyable {
    let connection: Connection

    public func all<Value: RowDecodable>(
        _ sql: SQL, as type: Value.Type = Value.self
    ) throws(PostgresError) -> [Value] {
        try connection.execute(sql).rows()
    }

    public func first<Value: RowDecodable>(
        _ sql: SQL, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value? {
        try all(sql, as: type).first
    }

    /// The one column of every row; NULLs are refused.
    public func values<Value: SQLValue>(
        _ sql: SQL, as type: Value.Type = Value.self
    ) throws(PostgresError) -> [Value] {
        let found: [Value?] = try connection.execute(sql).values()
        let values = found.compactMap { $0 }
        guard values.count == found.count else {
            throw PostgresError(.decoding, "NULL where \(type) is needed")
        }
        return values
    }

    /// The one column of the first row; nil where there is no row, and where there is NULL.
    public func value<Value: SQLValue>(
        _ sql: SQL, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value? {
        let found: [Value?] = try connection.execute(sql).values()
        return found.first ?? nil
    }

    /// Runs a statement for its effect and answers how many rows it touched.
    @discardableResult
    public func run(_ sql: SQL) throws(PostgresError) -> Int { try connection.execute(sql).affected }

    /// Runs several statements that carry no values, as a migration is.
    public func runScript(_ script: String) throws(PostgresError) { try connection.execute(script: script) }
}

/// How far a transaction sees of others (PostgreSQL 15, section 13.2).
public enum Isolation: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
    /// One picture of the data for all queries, and no writes: it never loses against another.
    case readOnly = "REPEATABLE READ READ ONLY"
}
