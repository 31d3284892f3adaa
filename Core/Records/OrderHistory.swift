public import Bookshop
public import FoundationEssentials
public import Postgres

/// One step of an order.
public struct OrderStep: RowDecodable, Hashable, Sendable {
    /// The last of an order is the version of its state.
    public let position: Int
    public let from: Order.State?
    public let state: Order.State
    public let at: Date
    /// Nobody where the shop did it by itself.
    public let actor: Principal.ID?
    /// Which function did it.
    public let function: String

    public init(_ row: borrowing Row) throws(PostgresError) {
        (position, from, state) = (try row["position"], try row["from_state"], try row["state"])
        (at, actor, function) = (try row["at"], try row["actor"], try row["function"])
    }
}

extension Transaction {
    /// Says in whose name this transaction moves orders; the database notes it with each move.
    public func act(as person: Principal.ID) throws {
        try run("SELECT set_config('earshelf.actor', \(person), true)")
    }

    /// All states an order was ever in, the first first.
    public func history(of order: Order.ID) throws -> [OrderStep] {
        try all(
            """
            SELECT position, from_state, state, at, actor, function FROM sales.order_history
            WHERE order_id = \(order) ORDER BY position
            """)
    }

    /// Moves an order that waits, in the name of a person who has seen it at this version. Nobody else moves it
    /// meanwhile.
    public func move(
        _ order: Order.ID, to end: OrderEnd, ifVersion version: Int, by person: Principal.ID
    ) throws {
        let state: Order.State? = try value("SELECT state FROM sales.orders WHERE id = \(order) FOR UPDATE")
        if state == .confirmed { throw OrderMoveError.paid }
        guard try history(of: order).last?.position == version else { throw OrderMoveError.changedMeanwhile }
        try act(as: person)
        guard try close(order, as: end) else { throw OrderMoveError.beingPaid }
    }
}
