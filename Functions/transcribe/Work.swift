import Core

extension Shop {
    /// The chunks of one file. Silences are looked for only where there is something to cut.
    func chunks(of track: Track) throws -> [Span] {
        let duration = track.span.durationMilliseconds
        let link = try links.download(track.asset.bucket, track.asset.objectKey, nil, 900)
        let silences = try duration > ChunkPlan.maximumMilliseconds ? audio.silences(link.url) : []
        return ChunkPlan.chunks(
            durationMilliseconds: duration, bytesPerSecond: Self.bytesPerSecond, silences: silences
        ).map { chunk in
            Span(
                startMilliseconds: track.span.startMilliseconds + chunk.startMilliseconds,
                endMilliseconds: track.span.startMilliseconds + chunk.endMilliseconds)
        }
    }

    /// 16,000 samples a second of two bytes: the most that what is cut can weigh.
    private static let bytesPerSecond = 32_000

    /// A recording that cannot be read stays so, however often it is planned.
    func giveUp(_ id: Transcript.ID, because failure: OutsideFailure) throws {
        log("transcript given up", ["transcript": id, "reason": failure.word], level: .warning)
        try database.transaction { try $0.fail(id, because: failure.word) }
    }

    /// What is said in one chunk. It is never told what was heard before: a model that reads its own words
    /// repeats them.
    func heard(_ chunk: ClaimedChunk) throws -> SpokenText {
        let link = try links.download(chunk.asset.bucket, chunk.asset.objectKey, nil, 900)
        let cut = try audio.cut(link.url, chunk.fileSpan)
        return try speech.transcribe(
            Recording(
                bytes: cut.bytes, fileName: cut.fileName, mediaType: cut.mediaType,
                language: chunk.language.language))
    }

    /// Given back, it is sent again by the relay: waiting for the message's own return would take half an hour.
    func giveBack(_ chunk: ClaimedChunk, because failure: OutsideFailure) throws {
        let isLast = try database.transaction(.readCommitted) { transaction in
            try transaction.fail(chunk, because: failure.word, maximumAttempts: 5)
        }
        log(
            "chunk failed",
            [
                "transcript": chunk.transcript, "chunk": chunk.number, "reason": failure.word, "last": isLast,
            ], level: .warning)
    }
}
