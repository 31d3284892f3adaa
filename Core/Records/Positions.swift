public import Bookshop
public import FoundationEssentials
public import Postgres

extension ListeningPosition: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        var last: Told?
        if let kind: Move.Kind = try row["move"] {
            last = Told(kind: kind, device: try row.device(), at: try row["moved_at"])
        }
        self.init(
            audiobook: try row["audiobook_id"], edition: try row["edition_id"],
            milliseconds: try row["position_ms"], durationMilliseconds: try row["duration_ms"],
            version: try row["version"], chosenVersion: try row["chosen_version"], last: last,
            finishedAt: try row["finished_at"])
    }
}

extension Row {
    func device() throws(PostgresError) -> Device {
        guard let device = Device(id: try self["device_id"], name: try self["device_name"]) else {
            preconditionFailure("a device was not written by us")
        }
        return device
    }
}

/// What became of a move, and where the listener is after it.
public enum MoveOutcome: Equatable, Sendable {
    case moved(ListeningPosition)
    case kept(ListeningPosition)
    case conflict(MoveConflict, ListeningPosition)
}

extension Transaction {
    /// Where a customer is in a book: at its beginning, if nothing was ever told.
    public func position(of customer: Customer.ID, in book: Audiobook.ID) throws -> ListeningPosition {
        try certain(
            """
            SELECT book.id AS audiobook_id, COALESCE(place.edition_id, current_edition_id) AS edition_id,
                COALESCE(position_ms, 0) AS position_ms, duration_ms, COALESCE(place.version, 0) AS version,
                COALESCE(chosen_version, 0) AS chosen_version, move, device_id, device_name, moved_at,
                finished_at
            FROM catalogue.audiobooks AS book
                JOIN catalogue.editions AS edition ON edition.id = current_edition_id
                LEFT JOIN listening.positions AS place
                    ON place.audiobook_id = book.id AND place.user_id = \(customer)
            WHERE book.id = \(book)
            """)
    }

    /// Moves a listener, or says why not. Devices that tell at once wait for each other here.
    public func move(
        _ customer: Customer.ID, in book: Audiobook.ID, by move: Move, at now: Date
    ) throws -> MoveOutcome {
        let position = try lockedPosition(of: customer, in: book)
        switch position.verdict(on: move) {
        case .keeps: return .kept(position)
        case .conflicts(let conflict): return .conflict(conflict, position)
        case .moves(let target):
            try write(target, move.kind, move.device, over: position, of: customer, at: now)
            return .moved(try self.position(of: customer, in: book))
        }
    }

    /// Takes back the last move that was not taken back yet; asked again, the one before. What is taken back
    /// stays in the history, and so does the taking back.
    public func undoMove(
        of customer: Customer.ID, in book: Audiobook.ID, ifVersion version: Int, by device: Device,
        at now: Date
    ) throws -> ListeningPosition {
        let position = try lockedPosition(of: customer, in: book)
        guard position.version == version else { throw UndoError.movedMeanwhile }
        let last: PastMove? = try first(
            """
            SELECT \(Self.historyColumns) FROM listening.position_history
            WHERE user_id = \(customer) AND audiobook_id = \(book) AND move <> 'undo' AND undone_by IS NULL
            ORDER BY version DESC LIMIT 1
            """)
        guard let last else { throw UndoError.nothingToUndo }
        let target = min(last.fromMilliseconds, position.durationMilliseconds)
        try write(target, .undo, device, over: position, of: customer, at: now)
        try run(
            """
            UPDATE listening.position_history SET undone_by = \(version + 1)
            WHERE user_id = \(customer) AND audiobook_id = \(book) AND version = \(last.version)
            """)
        try run(
            """
            DELETE FROM listening.finishes
            WHERE user_id = \(customer) AND audiobook_id = \(book)
                AND version <= \(last.version) AND at >= \(last.beganAt)::timestamptz
            """)
        return try self.position(of: customer, in: book)
    }

    private func lockedPosition(
        of customer: Customer.ID, in book: Audiobook.ID
    ) throws -> ListeningPosition {
        try run(
            """
            INSERT INTO listening.positions (user_id, audiobook_id, edition_id)
            SELECT \(customer), id, current_edition_id FROM catalogue.audiobooks WHERE id = \(book)
            ON CONFLICT DO NOTHING
            """)
        return try certain(
            """
            SELECT place.audiobook_id, place.edition_id, position_ms, duration_ms, place.version,
                chosen_version, move, device_id, device_name, moved_at, finished_at
            FROM listening.positions AS place
                JOIN catalogue.audiobooks AS book ON book.id = place.audiobook_id
                JOIN catalogue.editions AS edition ON edition.id = current_edition_id
            WHERE place.user_id = \(customer) AND place.audiobook_id = \(book)
            FOR UPDATE OF place
            """)
    }

    private func write(
        _ target: Int, _ kind: Move.Kind, _ device: Device, over position: ListeningPosition,
        of customer: Customer.ID, at now: Date
    ) throws {
        let version = position.version + 1
        let isEnd = position.isEnd(target)
        let finishedAt = isEnd ? position.finishedAt ?? now : nil
        try run(
            """
            UPDATE listening.positions AS place
            SET edition_id = current_edition_id, position_ms = \(target), version = \(version),
                chosen_version = \(kind == .sync ? position.chosenVersion : version), move = \(kind),
                device_id = \(device.id), device_name = \(device.name), moved_at = \(now),
                finished_at = \(finishedAt)
            FROM catalogue.audiobooks AS book
            WHERE place.user_id = \(customer) AND place.audiobook_id = \(position.audiobook)
                AND book.id = place.audiobook_id
            """)
        // Who only jumps to the end has not heard the book.
        if kind == .sync, isEnd, position.finishedAt == nil {
            try run(
                """
                INSERT INTO listening.finishes (user_id, audiobook_id, version, at)
                VALUES (\(customer), \(position.audiobook), \(version), \(now))
                """)
        }
        try note(target, kind, device, over: position, of: customer, at: now)
    }
}
