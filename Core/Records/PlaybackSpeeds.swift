public import Bookshop
public import Postgres

extension Transaction {
    /// How fast a customer plays a book.
    public func speed(of customer: Customer.ID, in book: Audiobook.ID) throws -> PlaybackSpeed {
        let chosen: PlaybackSpeed? = try value(
            "SELECT speed FROM listening.preferences WHERE user_id = \(customer) AND audiobook_id = \(book)")
        return chosen ?? .normal
    }

    public func setSpeed(_ speed: PlaybackSpeed, of customer: Customer.ID, in book: Audiobook.ID) throws {
        try run(
            """
            INSERT INTO listening.preferences (user_id, audiobook_id, speed)
            VALUES (\(customer), \(book), \(speed))
            ON CONFLICT (user_id, audiobook_id) DO UPDATE SET speed = EXCLUDED.speed, changed_at = now()
            """)
    }
}
