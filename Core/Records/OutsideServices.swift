public import Bookshop
import FoundationEssentials
public import Postgres

extension Rest: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(try row["reason"], until: try row["rests_until"])
    }
}

extension Transaction {
    /// Until when a service is left alone, if it is.
    public func rest(of service: OutsideService) throws -> Rest? {
        try first(
            """
            SELECT reason, rests_until FROM plumbing.outside_services
            WHERE name = \(service) AND rests_until > clock_timestamp()
            """)
    }

    /// Asked before a service is called: nil lets the caller go. After the rest of one that did not answer, one
    /// caller is let through to see whether it does, and the others wait so long for what becomes of it.
    public func turn(at service: OutsideService, probeSeconds: Int) throws -> Rest? {
        let isProbe =
            try run(
                """
                UPDATE plumbing.outside_services
                SET rests_until = clock_timestamp() + make_interval(secs => \(probeSeconds))
                WHERE name = \(service) AND is_open AND rests_until <= clock_timestamp()
                """) == 1
        return isProbe ? nil : try rest(of: service)
    }

    /// It did what it was asked to. A rest it asked for itself, of somebody else, goes on.
    public func answered(_ service: OutsideService) throws {
        try run(
            """
            UPDATE plumbing.outside_services
            SET failures = 0, is_open = false, last_failure = NULL,
                rests_until = CASE WHEN NOT is_open THEN rests_until END,
                reason = CASE WHEN NOT is_open THEN reason END
            WHERE name = \(service) AND failures > 0
            """)
    }

    /// Notes how a call failed. Answers whether it is to be left alone from now on: nil where this may have been an
    /// accident, or the fault of what was asked.
    public func failed(
        _ service: OutsideService, as kind: OutsideFailure.Kind, because word: String
    ) throws -> Rest? {
        switch kind {
        case .refused:
            // Which is an answer.
            try answered(service)
            return nil
        case .throttled(let seconds):
            try answered(service)
            let wait = min(max(1, seconds), OutsideService.longestRestSeconds)
            try run(
                """
                UPDATE plumbing.outside_services
                SET rests_until = GREATEST(rests_until, clock_timestamp() + make_interval(secs => \(wait))),
                    reason = 'throttled'
                WHERE name = \(service)
                """)
        case .unavailable, .undecided:
            let failures: Int = try only(
                """
                UPDATE plumbing.outside_services SET failures = failures + 1, last_failure = \(word)
                WHERE name = \(service) RETURNING failures
                """)
            guard let wait = OutsideService.restSeconds(afterFailures: failures) else { return nil }
            try run(
                """
                UPDATE plumbing.outside_services
                SET is_open = true, reason = 'unavailable',
                    rests_until = clock_timestamp() + make_interval(secs => \(wait))
                WHERE name = \(service)
                """)
        }
        return try rest(of: service)
    }
}
