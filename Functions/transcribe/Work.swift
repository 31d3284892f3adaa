import Core
import FoundationEssentials

extension Shop {
    /// A chunk, and until when it is to be left alone. Nil where there is nothing to do: it is done, in other hands, or
    /// would cost more than it may.
    func claim(_ number: Int, of id: Transcript.ID) throws -> (chunk: ClaimedChunk, rest: Rest?)? {
        let leaseSeconds = 330
        do {
            let claimed = try database.transaction(.readCommitted) { transaction in
                try transaction.claimChunk(number, of: id, leaseSeconds: leaseSeconds, on: hearingTerms).map {
                    ($0, try transaction.turn(at: .speech, probeSeconds: leaseSeconds))
                }
            }
            if claimed == nil { log("a chunk in other hands is passed over", ["transcript": id]) }
            return claimed
        } catch is OverBudget {
            try giveUp(id)
            return nil
        }
    }

    func giveUp(_ id: Transcript.ID) throws {
        try database.transaction(.readCommitted) { try $0.fail(id, because: OverBudget.word) }
        log("a text would cost more than it may", ["transcript": id], level: .warning)
    }

    /// One chunk as it is sent, where it lies in its file, and how loud it is. Nothing that was heard before goes with
    /// it: a model that reads its own words repeats them.
    func cut(_ chunk: ClaimedChunk) throws -> (Recording, Span, Contour) {
        let link = try links.download(chunk.asset.bucket, chunk.asset.objectKey, nil, 900)
        let sound = try audio.listen(link.url, chunk.reach)
        let span = try settled(chunk, by: sound)
        guard sound.span.endMilliseconds - span.startMilliseconds >= Self.shortestMilliseconds else {
            throw OutsideFailure("ffmpeg", .refused, code: "truncated", reason: "there is no sound in it")
        }
        let recording = Recording(
            bytes: sound.wave(of: span), fileName: "chunk-\(chunk.number).wav", mediaType: "audio/wav",
            language: chunk.language.spokenLanguage)
        return (recording, span, sound.contour(of: span))
    }

    /// What is said in it. A model that lost itself is asked once more, by another way through the words, if that
    /// may be paid for; whether it found out of it this time is for the assembly to see.
    func heard(_ recording: Recording, as chunk: ClaimedChunk) throws -> SpokenText {
        let text = try calling(.speech) { try speech.transcribe(recording) }
        Metrics.add(.chunksHeard)
        guard text.isLooping else { return text }
        log(
            "a model repeats itself", ["transcript": chunk.transcript, "chunk": chunk.number], level: .warning
        )
        do {
            try database.transaction(.readCommitted) { try $0.reserveAgain(chunk, on: hearingTerms) }
        } catch is OverBudget { return text }
        var hotter = recording
        hotter.temperature = 0.4
        return try calling(.speech) { try speech.transcribe(hotter) }
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

    /// It comes again when the service may be called again. The message is not waited for to come back by itself, which
    /// would take half an hour.
    func put(off chunk: ClaimedChunk, until rest: Rest, after failure: OutsideFailure? = nil) throws {
        try database.transaction(.readCommitted) { try $0.release(chunk, until: rest, after: failure) }
        let delay = rest.delaySeconds(from: Date())
        try transcriptions.send(
            TranscriptionMessage.chunk(chunk.transcript, number: chunk.number).text, delaySeconds: delay)
        log("chunk put off", ["transcript": chunk.transcript, "chunk": chunk.number, "seconds": delay])
    }

    /// Given back, it is sent again by the relay. What was refused would be refused again.
    func giveBack(_ chunk: ClaimedChunk, because failure: OutsideFailure) throws {
        let isLast = try database.transaction(.readCommitted) { transaction in
            try transaction.fail(
                chunk, because: failure.word, charged: failure.mayBeCharged,
                maximumAttempts: failure.kind == .refused ? 1 : 5)
        }
        log(
            "chunk failed",
            [
                "transcript": chunk.transcript, "chunk": chunk.number, "reason": failure.word, "last": isLast,
            ], level: .warning)
    }
}
