import Core

extension Shop {
    /// A text is in one pair of hands for longer than the function may run.
    private static let leaseSeconds = 600
    /// What a text may still take when the last begins.
    private static let reserve = Duration.seconds(60)
    private static let phrasesAtOnce = 2000

    /// Stops where the index is to be left alone, and at the end of its time; the next begins there.
    func fillIndex() throws {
        guard let index else { return }
        let rest = try database.transaction(.readCommitted) {
            try $0.turn(at: .index, probeSeconds: Self.leaseSeconds)
        }
        guard rest == nil else { return }
        var filled = 0
        do {
            try makeIfLost(index)
            while hasTime, let claimed = try claimed() {
                do {
                    if try fill(index, with: claimed) { filled += 1 }
                } catch let failure as OutsideFailure where failure.kind == .refused {
                    // It is about this text: the others go on.
                    log(
                        "text not indexed", ["transcript": claimed.transcript, "reason": failure.word],
                        level: .error)
                } catch {
                    try database.transaction(.readCommitted) { try $0.release(claimed) }
                    throw error
                }
            }
        } catch let failure as OutsideFailure {
            log("index not filled", ["reason": failure.word], level: .warning)
        } catch let service as ServiceRests {
            log("index not filled", ["reason": service.failure.word], level: .warning)
        }
        if filled > 0 { log("index filled", ["texts": filled]) }
    }

    private var hasTime: Bool { database.deadline.map { $0 - .now > Self.reserve } ?? true }

    private func claimed() throws -> ClaimedText? {
        try database.transaction(.readCommitted) { try $0.claimText(leaseSeconds: Self.leaseSeconds) }
    }

    /// Noted before it is made: should this be the end, it is found missing again.
    private func makeIfLost(_ index: PassageProposals) throws {
        guard try !calling(.index, { try index.isThere() }) else { return }
        try database.transaction(.readCommitted) { try $0.noteLostIndex() }
        try calling(.index) { try index.make() }
        log("index made")
    }

    private func fill(_ index: PassageProposals, with claimed: ClaimedText) throws -> Bool {
        var position = 0
        while let text = claimed.text {
            let phrases = try database.transaction(.readOnly) {
                try $0.phrases(of: text.transcript, after: position, limit: Self.phrasesAtOnce)
            }
            guard let last = phrases.last else { break }
            try calling(.index) { try index.write(text, phrases) }
            position = last.position
        }
        try calling(.index) { try index.settle(claimed.transcript, claimed.revision) }
        return try database.transaction(.readCommitted) { try $0.noteIndexed(claimed) }
    }
}
