public import Bookshop
public import Postgres

extension Transaction {
    /// Whether the caller may do what is done by one at a time. A holder that does not come back loses it
    /// when the time is over.
    public func take(_ lease: Lease, of name: String, seconds: Int) throws -> Bool {
        try run(
            """
            INSERT INTO plumbing.leases AS held (name, holder, held_until)
            VALUES (\(name), \(lease), clock_timestamp() + make_interval(secs => \(seconds)))
            ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, held_until = EXCLUDED.held_until
            WHERE held.holder = EXCLUDED.holder OR held.held_until <= clock_timestamp()
            """) == 1
    }

    /// Gives it back early; another's is left alone.
    public func giveBack(_ lease: Lease, of name: String) throws {
        try run(
            """
            UPDATE plumbing.leases SET held_until = clock_timestamp()
            WHERE name = \(name) AND holder = \(lease)
            """)
    }
}
