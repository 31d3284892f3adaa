public import Bookshop
public import Postgres

extension ClaimedChunk: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        let offset: Int = try row["track_start_ms"]
        let span = try row.span()
        self.init(
            transcript: try row["transcript_id"], number: try row["number"], span: span,
            fileSpan: Span(
                startMilliseconds: span.startMilliseconds - offset,
                endMilliseconds: span.endMilliseconds - offset),
            isStartSettled: try row["is_start_settled"], isEndSettled: try row["is_end_settled"],
            asset: try AudioAsset(row), language: try row["language"], attempt: try row["attempts"],
            lease: try row["lease"])
    }
}

extension HeardChunk: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(span: try row.span(), text: try row.json("result"))
    }
}

extension Transaction {
    /// Takes on one piece, unless it is done or another is at work on it, and reserves what hearing it may cost. A
    /// worker that does not come back loses it when the lease is over; what that worker reserved counts as spent.
    ///
    /// Throws `OverBudget` when the text would cost more than it may.
    public func claimChunk(
        _ number: Int, of transcript: Transcript.ID, leaseSeconds: Int, on terms: HearingTerms = .standard
    ) throws -> ClaimedChunk? {
        // One after the other, so that all see what the others reserved; first, as whoever finishes a piece does.
        try queue(at: transcript)
        let claimed = try run(
            """
            UPDATE production.transcript_chunks
            SET state = 'running', attempts = attempts + 1, lease = \(Lease()),
                leased_until = clock_timestamp() + make_interval(secs => \(leaseSeconds))
            WHERE transcript_id = \(transcript) AND number = \(number)
                AND (state = 'pending' OR state = 'running' AND leased_until <= clock_timestamp())
                AND EXISTS (SELECT 1 FROM production.transcripts
                    WHERE id = transcript_id AND transcripts.state IN ('running', 'ready'))
            """)
        guard claimed == 1 else { return nil }
        let chunk: ClaimedChunk = try certain(
            """
            SELECT chunk.transcript_id, chunk.number, chunk.start_ms, chunk.end_ms,
                track.start_ms AS track_start_ms, chunk.is_end_settled,
                COALESCE(before.is_end_settled, true) AS is_start_settled,
                transcript.language, chunk.attempts, chunk.lease, asset.id, bucket, object_key, bytes, sha256,
                part_bytes, media_type, codec, asset.duration_ms
            FROM production.transcript_chunks AS chunk
                JOIN production.transcripts AS transcript ON transcript.id = chunk.transcript_id
                JOIN catalogue.tracks AS track ON track.edition_id = transcript.edition_id
                    AND track.position = chunk.track_position
                JOIN catalogue.assets AS asset ON asset.id = track.asset_id
                LEFT JOIN production.transcript_chunks AS before
                    ON before.transcript_id = chunk.transcript_id AND before.number = chunk.number - 1
            WHERE chunk.transcript_id = \(transcript) AND chunk.number = \(number)
            """)
        try reserve(terms.nanodollars(for: chunk.reach), for: chunk, budget: terms.budgetNanodollars)
        return chunk
    }

    /// Before it is heard once more: the call before was answered, and is spent.
    ///
    /// Throws `OverBudget` when the text would cost more than it may.
    public func reserveAgain(_ chunk: ClaimedChunk, on terms: HearingTerms) throws {
        try queue(at: chunk.transcript)
        let isHeld: Bool = try only(
            """
            SELECT lease IS NOT DISTINCT FROM \(chunk.lease) FROM production.transcript_chunks
            WHERE transcript_id = \(chunk.transcript) AND number = \(chunk.number)
            """)
        guard isHeld else { throw LeaseLost() }
        try reserve(terms.nanodollars(for: chunk.reach), for: chunk, budget: terms.budgetNanodollars)
    }

    /// All who change what a text comes to, or costs, go one after the other.
    private func queue(at transcript: Transcript.ID) throws {
        try run("SELECT 1 FROM production.transcripts WHERE id = \(transcript) FOR UPDATE")
    }

    private func reserve(_ cost: Int, for chunk: ClaimedChunk, budget: Int) throws {
        try run(
            """
            UPDATE production.transcript_chunks
            SET cost_nanodollars = cost_nanodollars + reserved_nanodollars, reserved_nanodollars = \(cost)
            WHERE transcript_id = \(chunk.transcript) AND number = \(chunk.number)
            """)
        let isCovered: Bool = try only(
            """
            SELECT sum(cost_nanodollars + reserved_nanodollars) <= (
                SELECT COALESCE(budget_nanodollars, \(budget)) FROM production.transcripts
                WHERE id = \(chunk.transcript))
            FROM production.transcript_chunks WHERE transcript_id = \(chunk.transcript)
            """)
        guard isCovered else { throw OverBudget() }
    }

    /// Lets go of a piece that nobody could do anything about, until a moment. It counts as sent for then, and as not
    /// tried. Throws `LeaseLost` when it is another's by now.
    public func release(_ chunk: ClaimedChunk, until rest: Rest, after failure: OutsideFailure? = nil) throws
    {
        let kept = try run(
            """
            UPDATE production.transcript_chunks
            SET state = 'pending', attempts = attempts - 1, lease = NULL, leased_until = NULL,
                sent_at = \(rest.until), \(settled(failure?.mayBeCharged ?? false))
            WHERE transcript_id = \(chunk.transcript) AND number = \(chunk.number) AND lease = \(chunk.lease)
            """)
        guard kept == 1 else { throw LeaseLost() }
    }

    /// Moves the cut after a piece to a moment of the book, for good: of the two who are at work on both sides of it,
    /// the first says where. Answers where it lies.
    public func settleCut(
        after number: Int, of transcript: Transcript.ID, at milliseconds: Int
    ) throws -> Int {
        let sides = [number, number + 1]
        // The one side after the other, so that no two wait for each other.
        try run(
            """
            SELECT 1 FROM production.transcript_chunks
            WHERE transcript_id = \(transcript) AND number = ANY (\(sides)::int[]) ORDER BY number FOR UPDATE
            """)
        try run(
            """
            UPDATE production.transcript_chunks AS side
            SET end_ms = CASE side.number WHEN \(number) THEN \(milliseconds) ELSE side.end_ms END,
                start_ms = CASE side.number WHEN \(number) THEN side.start_ms ELSE \(milliseconds) END,
                is_end_settled = side.is_end_settled OR side.number = \(number)
            FROM production.transcript_chunks AS earlier
            WHERE side.transcript_id = \(transcript) AND side.number = ANY (\(sides)::int[])
                AND earlier.transcript_id = \(transcript) AND earlier.number = \(number)
                AND NOT earlier.is_end_settled
            """)
        return try only(
            """
            SELECT end_ms FROM production.transcript_chunks
            WHERE transcript_id = \(transcript) AND number = \(number)
            """)
    }

    /// Keeps what was heard. Whoever brings the last piece also puts the text together, and nobody else
    /// does: all who finish a piece of one transcript queue up at its row.
    ///
    /// Throws `LeaseLost` when the piece is another's by now.
    public func complete(
        _ chunk: ClaimedChunk, with text: SpokenText, contour: Contour? = nil, cost nanodollars: Int? = nil
    ) throws -> ChunkCompletion {
        let result = try JSONText(encoding: text)
        try run(
            """
            UPDATE production.transcripts SET progressed_at = clock_timestamp() WHERE id = \(chunk.transcript)
            """)
        let kept = try run(
            """
            UPDATE production.transcript_chunks
            SET state = 'done', result = \(result), model = \(text.model), contour = \(contour?.bytes),
                failure = NULL, lease = NULL, leased_until = NULL, reserved_nanodollars = 0,
                cost_nanodollars = cost_nanodollars + COALESCE(\(nanodollars)::bigint, reserved_nanodollars)
            WHERE transcript_id = \(chunk.transcript) AND number = \(chunk.number) AND lease = \(chunk.lease)
                AND EXISTS (SELECT 1 FROM production.transcripts
                    WHERE id = transcript_id AND transcripts.state IN ('running', 'ready'))
            """)
        guard kept == 1 else { throw LeaseLost() }
        let remaining: Int = try only(
            """
            SELECT count(*) FROM production.transcript_chunks
            WHERE transcript_id = \(chunk.transcript) AND state <> 'done'
            """)
        return remaining > 0 ? .remaining(remaining) : try assemble(chunk.transcript)
    }

    /// Gives a piece back, to be tried again or, after the last attempt, given up together with its
    /// transcript. Answers whether it was given up.
    public func fail(
        _ chunk: ClaimedChunk, because failure: String, charged: Bool = false, maximumAttempts: Int
    ) throws -> Bool {
        let isLast = chunk.attempt >= maximumAttempts
        try queue(at: chunk.transcript)
        let kept = try run(
            """
            UPDATE production.transcript_chunks
            SET state = \(isLast ? "failed" : "pending"), failure = \(failure), lease = NULL,
                leased_until = NULL, sent_at = clock_timestamp(), \(settled(charged))
            WHERE transcript_id = \(chunk.transcript) AND number = \(chunk.number) AND lease = \(chunk.lease)
            """)
        guard kept == 1 else { throw LeaseLost() }
        if isLast { try fail(chunk.transcript, because: failure) }
        return isLast
    }

    /// What should have been worked on and is not: plans and pieces whose message was lost, and pieces whose
    /// worker was. They count as sent again from now on.
    public func lostTranscriptionWork(idleSeconds: Int, limit: Int) throws -> [TranscriptionMessage] {
        let plans: [Transcript.ID] = try values(
            """
            UPDATE production.transcripts SET sent_at = clock_timestamp()
            WHERE id IN (
                SELECT id FROM production.transcripts
                WHERE state = 'planned'
                    AND COALESCE(sent_at, created_at)
                        <= clock_timestamp() - make_interval(secs => \(idleSeconds))
                ORDER BY created_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            RETURNING id
            """)
        let chunks: [LostChunk] = try all(
            """
            UPDATE production.transcript_chunks AS lost SET sent_at = clock_timestamp()
            FROM (
                SELECT chunk.transcript_id, chunk.number
                FROM production.transcript_chunks AS chunk
                    JOIN production.transcripts AS transcript ON transcript.id = chunk.transcript_id
                WHERE transcript.state IN ('running', 'ready') AND (
                    chunk.state = 'pending' OR chunk.state = 'running' AND leased_until <= clock_timestamp())
                    AND COALESCE(chunk.sent_at, chunk.created_at)
                        <= clock_timestamp() - make_interval(secs => \(idleSeconds))
                ORDER BY chunk.created_at, chunk.number LIMIT \(limit)
                FOR UPDATE OF chunk SKIP LOCKED
            ) AS found
            WHERE lost.transcript_id = found.transcript_id AND lost.number = found.number
            RETURNING lost.transcript_id, lost.number
            """)
        return plans.map { .plan($0) } + chunks.map { .chunk($0.transcript, number: $0.number) }
    }
}

/// What was reserved is spent, or given back.
private func settled(_ isCharged: Bool) -> SQL {
    """
    cost_nanodollars = cost_nanodollars + CASE WHEN \(isCharged) THEN reserved_nanodollars ELSE 0 END,
        reserved_nanodollars = 0
    """
}

private struct LostChunk: RowDecodable {
    let transcript: Transcript.ID
    let number: Int
    init(_ row: borrowing Row) throws(PostgresError) {
        (transcript, number) = (try row["transcript_id"], try row["number"])
    }
}
