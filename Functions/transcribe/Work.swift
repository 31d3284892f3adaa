import Core

extension Shop {
    /// What is said in one chunk. It is never told what was heard before: a model that reads its own words
    /// repeats them.
    func heard(_ chunk: ClaimedChunk) throws -> SpokenText {
        let link = try links.download(chunk.asset.bucket, chunk.asset.objectKey, nil, 900)
        let sound = try audio.listen(link.url, chunk.reach)
        let span = try settled(chunk, by: sound)
        guard sound.span.endMilliseconds - span.startMilliseconds >= Self.shortestMilliseconds else {
            throw OutsideFailure("ffmpeg", .refused, code: "truncated", reason: "there is no sound in it")
        }
        return try speech.transcribe(
            Recording(
                bytes: sound.wave(of: span), fileName: "chunk-\(chunk.number).wav", mediaType: "audio/wav",
                language: chunk.language.language))
    }

    /// Speech services refuse less than a tenth of a second.
    private static let shortestMilliseconds = 100

    /// Where the chunk lies in its file, once both of its cuts are where nobody speaks.
    private func settled(_ chunk: ClaimedChunk, by sound: Sound) throws -> Span {
        let offset = chunk.span.startMilliseconds - chunk.fileSpan.startMilliseconds
        let start = chunk.looseStart.map { offset + sound.quietestMoment(in: $0) }
        let end = chunk.looseEnd.map { offset + sound.quietestMoment(in: $0) }
        guard start != nil || end != nil else { return chunk.fileSpan }
        return try database.transaction(.readCommitted) { transaction in
            let (id, number) = (chunk.transcript, chunk.number)
            let from = try start.map { try transaction.settleCut(after: number - 1, of: id, at: $0) }
            let to = try end.map { try transaction.settleCut(after: number, of: id, at: $0) }
            return Span(
                startMilliseconds: (from ?? chunk.span.startMilliseconds) - offset,
                endMilliseconds: (to ?? chunk.span.endMilliseconds) - offset)
        }
    }

    /// Given back, it is sent again by the relay: waiting for the message's own return would take half an hour. What
    /// was refused would be refused again.
    func giveBack(_ chunk: ClaimedChunk, because failure: OutsideFailure) throws {
        let isLast = try database.transaction(.readCommitted) { transaction in
            try transaction.fail(
                chunk, because: failure.word, maximumAttempts: failure.kind == .refused ? 1 : 5)
        }
        log(
            "chunk failed",
            [
                "transcript": chunk.transcript, "chunk": chunk.number, "reason": failure.word, "last": isLast,
            ], level: .warning)
    }
}
