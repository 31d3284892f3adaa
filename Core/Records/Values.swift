public import Bookshop
public import Postgres

extension Identifier: SQLValue, SQLElement {}
extension Currency: SQLValue {}
extension IdempotencyKey: SQLValue {}
extension ISBN13: SQLValue {}
extension LanguageTag: SQLValue {}
extension Lease: SQLValue {}
extension Slug: SQLValue {}
extension OutsideService: SQLValue {}
extension Rest.Reason: SQLValue {}

extension Role: SQLValue, SQLElement {}
extension Audiobook.State: SQLValue {}
extension Credit.Role: SQLValue, SQLElement {}
extension Upload.State: SQLValue, SQLElement {}
extension Transcript.Doubt: SQLValue, SQLElement {}
extension Upload.Rejection: SQLValue {}
extension Transcript.State: SQLValue {}
extension ChunkStatus.State: SQLValue {}
extension Summary.State: SQLValue {}
extension Export.Format: SQLValue, SQLElement {}
extension Export.State: SQLValue {}
extension Suggestion.Kind: SQLValue {}
extension Order.State: SQLValue {}
extension PaymentStanding.Status: SQLValue {}
extension PaymentAttempt.Kind: SQLValue {}
extension PaymentAttempt.State: SQLValue {}
extension PaymentOutcome: SQLValue {}
extension FactOutcome: SQLValue {}
extension DisputeFact.Funds: SQLValue {}
extension Refund.State: SQLValue {}
extension Refund.Reason: SQLValue {}
extension RefundWish.Reason: SQLValue {}
extension Entitlement.State: SQLValue {}
extension AccessRecord.Action: SQLValue {}
extension Move.Kind: SQLValue {}
extension PlaybackSpeed: SQLValue {}
extension WebhookEvent.Provider: SQLValue {}
extension WebhookEvent.State: SQLValue {}
extension OutboxEvent.Topic: SQLValue {}
extension OutboxEvent.State: SQLValue {}
extension Country: SQLValue {}
extension Day: SQLValue {}
extension EmailAddress: SQLValue {}
extension Gift.State: SQLValue {}
extension PromotionCode: SQLValue {}
extension EnteredPromotion.Standing: SQLValue {}

extension CalendarDay: SQLValue {}

extension Row {
    /// The amount in one column and its currency in another.
    func money(_ amount: String, _ currency: String = "currency") throws(PostgresError) -> Money {
        Money(minorUnits: try self[amount], currency: try self[currency])
    }

    /// Nothing where the amount is NULL.
    func money(ifAny amount: String, _ currency: String = "currency") throws(PostgresError) -> Money? {
        guard let minorUnits: Int = try self[amount] else { return nil }
        return Money(minorUnits: minorUnits, currency: try self[currency])
    }

    /// What we wrote as JSON ourselves: that it does not read is a fault of ours and not of the world.
    func json<Value: Decodable>(_ column: String) throws(PostgresError) -> Value {
        let json: JSONText = try self[column]
        do { return try json.decoded() } catch { preconditionFailure("\(column) was not written by us") }
    }

    func checksum(_ digest: String = "sha256") throws(PostgresError) -> FileChecksum {
        let sha256: [UInt8] = try self[digest], partBytes: Int? = try self["part_bytes"]
        return partBytes.map { .parts(sha256, partBytes: $0) } ?? .whole(sha256)
    }

    func span(_ start: String = "start_ms", _ end: String = "end_ms") throws(PostgresError) -> Span {
        Span(startMilliseconds: try self[start], endMilliseconds: try self[end])
    }
}

extension Transaction {
    /// The value of a statement that always answers one, such as a count or an INSERT … RETURNING.
    func only<Value: SQLValue>(
        _ sql: SQL, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard let value: Value = try value(sql) else { preconditionFailure("no value of \(sql)") }
        return value
    }
}

extension Transaction {
    /// The row of a statement that always answers one.
    func certain<Value: RowDecodable>(
        _ sql: SQL, as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard let row: Value = try first(sql) else { preconditionFailure("no row of \(sql)") }
        return row
    }
}
