public import Bookshop
public import FoundationEssentials
public import Postgres

extension HearingAllowance: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(milliseconds: try row["allowance_ms"], at: try row["told_at"])
    }
}

extension Transaction {
    /// Counts what a report tells of playing, whatever becomes of the place: it was heard all the same.
    ///
    /// It counts for the day on which it was heard where the device says when, as far as that can be: not
    /// before the device was last heard of, and not after now. No order is ever taken from that time.
    public func count(
        _ move: Move, heardBy customer: Customer.ID, of item: LibraryItem, saidAt: Date?,
        minutesAheadOfUTC minutes: Int = 0, at now: Date
    ) throws {
        guard let start = move.playedFrom else { return }
        let end = min(move.milliseconds, item.durationMilliseconds)
        let before =
            try allowance(of: move.device, of: customer) ?? HearingAllowance.new(ownedSince: item.ownedSince)
        let (heard, left) = before.telling(from: min(start, end), to: end, at: now)
        try run(
            """
            INSERT INTO listening.devices (user_id, id, name, told_at, allowance_ms)
            VALUES (\(customer), \(move.device.id), \(move.device.name), \(left.at), \(left.milliseconds))
            ON CONFLICT (user_id, id) DO UPDATE
            SET name = EXCLUDED.name, told_at = EXCLUDED.told_at, allowance_ms = EXCLUDED.allowance_ms
            """)
        guard let heard else { return }
        let moment = max(min(before.at, now), min(saidAt ?? now, now))
        try run(
            """
            INSERT INTO listening.heard (user_id, day, audiobook_id, spans)
            VALUES (\(customer), \(CalendarDay(of: moment, minutesAheadOfUTC: minutes)),
                \(item.audiobook), int8multirange(int8range(\(heard.startMilliseconds)::bigint,
                    \(heard.endMilliseconds)::bigint)))
            ON CONFLICT (user_id, day, audiobook_id) DO UPDATE SET spans = heard.spans + EXCLUDED.spans
            """)
    }

    private func allowance(of device: Device, of customer: Customer.ID) throws -> HearingAllowance? {
        try first(
            """
            SELECT allowance_ms, told_at FROM listening.devices
            WHERE user_id = \(customer) AND id = \(device.id) FOR UPDATE
            """)
    }

    /// What a customer heard from one day to another, both of them included.
    public func listening(
        of customer: Customer.ID, from first: CalendarDay, to last: CalendarDay, today: CalendarDay
    ) throws -> ListeningStatistics {
        let days: [HeardDay] = try all(
            """
            SELECT day, sum(milliseconds)::bigint AS milliseconds FROM listening.heard
            WHERE user_id = \(customer) AND day BETWEEN \(first)::date AND \(last)::date
            GROUP BY day ORDER BY day LIMIT \(ListeningStatistics.longestSpanInDays)
            """)
        let books: [HeardBook] = try all(
            """
            SELECT audiobook_id, title, sum(milliseconds)::bigint AS milliseconds
            FROM listening.heard JOIN catalogue.audiobooks ON audiobooks.id = audiobook_id
            WHERE user_id = \(customer) AND day BETWEEN \(first)::date AND \(last)::date
            GROUP BY audiobook_id, title ORDER BY milliseconds DESC, audiobook_id
            LIMIT \(ListeningStatistics.mostBooks)
            """)
        let finished: [FinishedBook] = try all(
            """
            SELECT audiobook_id, title, at
            FROM listening.finishes JOIN catalogue.audiobooks ON audiobooks.id = audiobook_id
            WHERE user_id = \(customer)
                AND at >= \(first)::date::timestamp AT TIME ZONE 'UTC'
                AND at < (\(last)::date + 1)::timestamp AT TIME ZONE 'UTC'
            ORDER BY at DESC, audiobook_id LIMIT \(ListeningStatistics.mostBooks)
            """)
        return ListeningStatistics(
            days: days, books: books, streak: try streak(of: customer, today: today), finished: finished)
    }

    /// Days in a row differ from their places in the row by the same number.
    private func streak(
        of customer: Customer.ID, today: CalendarDay
    ) throws -> ListeningStatistics.Streak {
        try certain(
            """
            WITH days AS (SELECT DISTINCT day FROM listening.heard WHERE user_id = \(customer)),
                placed AS (SELECT day, day - (row_number() OVER (ORDER BY day))::integer AS run FROM days),
                runs AS (SELECT max(day) AS last, count(*) AS length FROM placed GROUP BY run)
            SELECT COALESCE(max(length), 0) AS longest,
                COALESCE(max(length) FILTER (WHERE last >= \(today)::date - 1), 0) AS current
            FROM runs
            """)
    }
}

extension HeardDay: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(day: try row["day"], milliseconds: try row["milliseconds"])
    }
}

extension HeardBook: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            audiobook: try row["audiobook_id"], title: try row["title"],
            milliseconds: try row["milliseconds"])
    }
}

extension FinishedBook: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(audiobook: try row["audiobook_id"], title: try row["title"], at: try row["at"])
    }
}

extension ListeningStatistics.Streak: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(currentDays: try row["current"], longestDays: try row["longest"])
    }
}
