public import Bookshop
public import Postgres

extension SigningKey: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(kid: try row["kid"], modulus: try row["modulus"], exponent: try row["exponent"])
    }
}

extension Transaction {
    public func signingKey(_ kid: String, of issuer: String) throws -> SigningKey? {
        try first(
            """
            SELECT kid, modulus, exponent FROM identity.signing_keys
            WHERE issuer = \(issuer) AND kid = \(kid)
            """)
    }

    /// Whether any key of the issuer was ever fetched: without one, no token can be judged.
    public func hasSigningKeys(of issuer: String) throws -> Bool {
        try only("SELECT EXISTS (SELECT 1 FROM identity.signing_keys WHERE issuer = \(issuer))")
    }

    /// Leaves the wish that the issuer's keys be fetched again. A wish that stands already is not written.
    public func wishSigningKeys(of issuer: String) throws {
        try run(
            """
            INSERT INTO identity.signing_key_refreshes AS refresh (issuer, wished_at)
            VALUES (\(issuer), clock_timestamp())
            ON CONFLICT (issuer) DO UPDATE SET wished_at = clock_timestamp()
            WHERE refresh.wished_at IS NULL OR refresh.wished_at <= refresh.tried_at
            """)
    }

    /// Whether the caller is the one to fetch the keys now: they are wished for, too old or absent, and the
    /// last try was at least `floorSeconds` ago. Said to one caller only.
    public func claimSigningKeyRefresh(
        of issuer: String, floorSeconds: Int, maximumAgeSeconds: Int
    ) throws -> Bool {
        try run(
            """
            INSERT INTO identity.signing_key_refreshes AS refresh (issuer, tried_at)
            VALUES (\(issuer), clock_timestamp())
            ON CONFLICT (issuer) DO UPDATE SET tried_at = clock_timestamp()
            WHERE refresh.tried_at IS NULL
                OR refresh.tried_at <= clock_timestamp() - make_interval(secs => \(floorSeconds))
                AND (refresh.wished_at > refresh.tried_at OR refresh.fetched_at IS NULL
                    OR refresh.fetched_at <= clock_timestamp() - make_interval(secs => \(maximumAgeSeconds)))
            """) == 1
    }

    /// The issuer's keys as they are now; what it no longer lists goes. Keys are never all forgotten: an
    /// empty list is a fault of the issuer's.
    public func store(_ keys: [SigningKey], of issuer: String) throws {
        guard !keys.isEmpty else { return }
        try run(
            """
            DELETE FROM identity.signing_keys
            WHERE issuer = \(issuer) AND kid <> ALL (\(keys.map(\.kid))::text[])
            """)
        for key in keys {
            try run(
                """
                INSERT INTO identity.signing_keys (issuer, kid, modulus, exponent)
                VALUES (\(issuer), \(key.kid), \(key.modulus), \(key.exponent))
                ON CONFLICT (issuer, kid) DO UPDATE SET
                    modulus = EXCLUDED.modulus, exponent = EXCLUDED.exponent, fetched_at = now()
                """)
        }
        try run(
            """
            INSERT INTO identity.signing_key_refreshes (issuer, tried_at, fetched_at)
            VALUES (\(issuer), clock_timestamp(), clock_timestamp())
            ON CONFLICT (issuer) DO UPDATE SET
                tried_at = COALESCE(signing_key_refreshes.tried_at, EXCLUDED.tried_at),
                fetched_at = EXCLUDED.fetched_at
            """)
    }
}
