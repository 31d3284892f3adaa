import Core

extension Shop {
    /// A turn: what was to go already, then one page after the other for as long as there is time.
    func cleanUp() throws {
        let terms = cleanupTerms
        if !terms.isDryRun { try removeLeaving() }
        while hasTime {
            let round = try database.transaction(.readCommitted) { try $0.cleanupRound(dry: terms.isDryRun) }
            guard let round else { return }
            try look(at: round, on: terms)
            if !terms.isDryRun { try removeLeaving() }
        }
    }

    /// What is left of the event must do for a page, a batch of removals and what is noted of them.
    private var hasTime: Bool { database.deadline.map { .now + .seconds(30) < $0 } ?? true }

    private func look(at round: CleanupRound, on terms: CleanupTerms) throws {
        switch round.stage {
        case .editions:
            _ = try database.transaction(.readCommitted) {
                try $0.clearEditions(of: round, graceDays: terms.editionGraceDays, limit: 5)
            }
        case .uploads, .covers, .samples, .exports:
            try judge(try inventory.objects(bucket, round.stage.rawValue, round.mark), of: round, on: terms)
        case .parts: try judge(try inventory.parts(bucket, round.mark), of: round, on: terms)
        }
    }

    private func judge(_ page: StoredLines, of round: CleanupRound, on terms: CleanupTerms) throws {
        try database.transaction(.readCommitted) {
            try $0.judge(page, in: bucket, of: round, graceHours: terms.graceHours)
        }
        if page.isLast && round.stage.next == nil {
            log("a round through the storage has ended", ["round": round.id, "dry": round.isDryRun])
        }
    }

    /// Of what cannot be removed the others do not wait, but a storage that refuses three in a row is left
    /// alone.
    private func removeLeaving() throws {
        var failures = 0
        while hasTime {
            let batch = try database.transaction(.readCommitted) { try $0.leavingObjects(limit: 100) }
            guard !batch.isEmpty else { return }
            var gone: [LeavingObject] = []
            for object in batch {
                do {
                    try remove(object)
                    gone.append(object)
                    failures = 0
                } catch let failure as OutsideFailure {
                    failures += 1
                    log("not removed", ["object": object.name.key, "reason": failure.word], level: .error)
                    try database.transaction(.readCommitted) {
                        try $0.noteNotRemoved(object, because: failure.word)
                    }
                    if failures == 3 {
                        try note(gone)
                        throw failure
                    }
                }
            }
            try note(gone)
        }
    }

    private func remove(_ object: LeavingObject) throws {
        guard object.name.multipart.isEmpty else {
            return try multipart.abort(object.bucket, object.name.key, object.name.multipart)
        }
        try storage.remove(object.bucket, object.name.key)
    }

    private func note(_ gone: [LeavingObject]) throws {
        guard !gone.isEmpty else { return }
        try database.transaction(.readCommitted) { try $0.noteRemoved(gone) }
        log("removed from the storage", ["objects": gone.count])
    }
}
