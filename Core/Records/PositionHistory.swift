public import Bookshop
import FoundationEssentials
public import Postgres

extension PastMove: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            version: try row["version"], kind: try row["move"], fromMilliseconds: try row["from_ms"],
            toMilliseconds: try row["to_ms"], device: try row.device(), beganAt: try row["began_at"],
            at: try row["at"], isUndone: try row["is_undone"])
    }
}

extension Transaction {
    static var historyColumns: SQL {
        """
        version, move, from_ms, to_ms, device_id, device_name, began_at, at,
        undone_by IS NOT NULL AS is_undone
        """
    }

    /// What is kept of a book; older moves go.
    private static let mostMoves = 500
    /// After a pause of so long, playing on is another stretch.
    private static let pauseSeconds = 15 * 60

    /// How a listener's place came to be what it is, the last move first.
    public func history(
        of customer: Customer.ID, in book: Audiobook.ID, after cursor: Cursor? = nil,
        size: PageSize = .standard
    ) throws -> Page<PastMove> {
        var beyond: SQL = "true"
        if let cursor {
            guard cursor.list == "history", cursor.id == book.rawValue, let version = Int(cursor.key) else {
                throw ForeignCursor()
            }
            beyond = "version < \(version)"
        }
        let moves: [PastMove] = try all(
            """
            SELECT \(Self.historyColumns) FROM listening.position_history
            WHERE user_id = \(customer) AND audiobook_id = \(book) AND \(beyond)
            ORDER BY version DESC LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(moves, size: size) {
            Cursor(list: "history", key: "\($0.version)", id: book.rawValue)
        }
    }

    /// A device that plays on makes its last line longer; anything else is a line of its own.
    func note(
        _ target: Int, _ kind: Move.Kind, _ device: Device, over position: ListeningPosition,
        of customer: Customer.ID, at now: Date
    ) throws {
        let version = position.version + 1
        if kind == .sync, position.last?.kind == .sync, position.last?.device.id == device.id {
            let grown = try run(
                """
                UPDATE listening.position_history AS line
                SET version = \(version), to_ms = \(target), device_name = \(device.name),
                    at = greatest(at, \(now)::timestamptz)
                FROM catalogue.audiobooks AS book
                WHERE line.user_id = \(customer) AND line.audiobook_id = \(position.audiobook)
                    AND line.version = \(position.version) AND undone_by IS NULL
                    AND book.id = line.audiobook_id AND edition_id = current_edition_id
                    AND at > \(now.addingTimeInterval(-Double(Self.pauseSeconds)))::timestamptz
                """)
            if grown > 0 { return }
        }
        try run(
            """
            INSERT INTO listening.position_history (user_id, audiobook_id, version, edition_id, move, from_ms,
                to_ms, device_id, device_name, began_at, at)
            SELECT \(customer), id, \(version), current_edition_id, \(kind), \(position.milliseconds),
                \(target), \(device.id), \(device.name), \(now)::timestamptz, \(now)::timestamptz
            FROM catalogue.audiobooks WHERE id = \(position.audiobook)
            """)
        try run(
            """
            DELETE FROM listening.position_history
            WHERE user_id = \(customer) AND audiobook_id = \(position.audiobook) AND version <= (
                SELECT version FROM listening.position_history
                WHERE user_id = \(customer) AND audiobook_id = \(position.audiobook)
                ORDER BY version DESC OFFSET \(Self.mostMoves) LIMIT 1)
            """)
    }
}
