import Core
import FoundationEssentials

struct NewTranscript: Decodable {
    let audiobookId: Audiobook.ID
    let budgetMicrodollars: Int?
}

/// How a transcription stands.
struct JobAnswer: Encodable {
    struct CostAnswer: Encodable {
        let spentMicrodollars: Int
        let reservedMicrodollars: Int
        let budgetMicrodollars: Int

        init(_ cost: HearingCost, on terms: HearingTerms) {
            (spentMicrodollars, reservedMicrodollars) = (cost.spentMicrodollars, cost.reservedMicrodollars)
            budgetMicrodollars = (cost.budgetNanodollars ?? terms.budgetNanodollars) / 1000
        }
    }

    let jobId: Transcript.ID
    let audiobookId: Audiobook.ID
    let state: Transcript.State
    let percent: Int
    let chunks: Int
    let chunksDone: Int
    let failure: String?
    let flags: [Transcript.Doubt]
    let estimatedEndAt: Date?
    let cost: CostAnswer
    /// The speech service is left alone until then, and why.
    let waitsUntil: Date?
    let waitsFor: Rest.Reason?

    init(_ transcript: Transcript, on terms: HearingTerms, waiting rest: Rest? = nil) {
        cost = CostAnswer(transcript.cost, on: terms)
        (jobId, audiobookId, state) = (transcript.id, transcript.audiobook, transcript.state)
        (percent, chunks) = (transcript.progress.percent, transcript.progress.chunks)
        (chunksDone, failure) = (transcript.progress.done, transcript.failure)
        (flags, estimatedEndAt) = (transcript.flags, transcript.progress.estimatedEnd)
        let rest = transcript.state == .running ? rest : nil
        (waitsUntil, waitsFor) = (rest?.until, rest?.reason)
    }
}

struct TranscriptAnswer: Encodable {
    let job: JobAnswer
    let segments: [SegmentAnswer]
    let next: String?
}

func start(_ request: Request, in shop: Shop) throws -> Response {
    let wanted = try request.decoded(as: NewTranscript.self)
    // Up to a million dollars.
    if let budget = wanted.budgetMicrodollars, !(0...1_000_000_000_000).contains(budget) {
        throw Problem.invalid("/budgetMicrodollars", "0 to 1000000000000")
    }
    let transcript = try shop.database.transaction { transaction in
        let id = try transaction.startTranscript(of: wanted.audiobookId)
        if let budget = wanted.budgetMicrodollars { try transaction.allow(budget * 1000, for: id) }
        return try transaction.transcript(id)
    }
    guard let transcript else { throw Problem.notFound }
    if transcript.state == .planned {
        try shop.transcriptions.send(TranscriptionMessage.plan(transcript.id).text)
    }
    return try Response(202, JobAnswer(transcript, on: shop.hearingTerms))
}

func status(_ request: Request, in shop: Shop) throws -> Response {
    let id: Transcript.ID = try request.id("jobId")
    let (transcript, rest) = try shop.database.transaction { transaction in
        (try transaction.transcript(id), try transaction.rest(of: .speech))
    }
    guard let transcript else { throw Problem.notFound }
    return try Response(
        200, JobAnswer(transcript, on: shop.hearingTerms, waiting: rest),
        headers: ["cache-control": "private, no-cache"]
    )
    .tagged(for: request)
}

/// The phrases of a stretch of the book, a page at a time or as a file.
func text(_ request: Request, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id("audiobookId")
    let asked = try request.transcriptRequest()
    return try shop.database.transaction(.readOnly) { transaction in
        guard let transcript = try transaction.transcript(of: book) else { throw Problem.notFound }
        return try transaction.read(transcript.id, as: asked, for: request) { page in
            TranscriptAnswer(
                job: JobAnswer(transcript, on: shop.hearingTerms),
                segments: page.items.map(SegmentAnswer.init),
                next: page.next?.rawValue)
        }
    }
}

/// The recording, for those who compare it with its text or its chapters.
func audio(_ request: Request, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id("audiobookId")
    try request.refuseUnknownQuery()
    let tracks = try shop.database.transaction(.readOnly) { transaction in
        guard let transcript = try transaction.transcript(of: book) else { throw Problem.notFound }
        return try transaction.tracks(of: transcript.edition)
    }
    let files = try tracks.map { try shop.opened($0) }
    return try Response(200, ["tracks": files], headers: ["cache-control": "no-store"])
}

/// How loud a stretch of a book is.
struct WaveformAnswer: Encodable {
    let editionId: Edition.ID
    let fromMilliseconds: Int
    let toMilliseconds: Int
    let peaks: [UInt8?]
    let loudnessLUFS: Double?
}

/// What was heard so far of a stretch of the recording, or of all of it.
func waveform(_ request: Request, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id("audiobookId")
    try request.refuseUnknownQuery(allowing: ["from", "to", "count"])
    let count = try request.query.integer("count", in: 1...Waveform.mostPeaks) ?? 1000
    let answer = try shop.database.transaction(.readOnly) { transaction in
        guard let transcript = try transaction.transcript(of: book) else { throw Problem.notFound }
        let tracks = try transaction.tracks(of: transcript.edition)
        let span = try request.span(within: tracks.last?.span.endMilliseconds ?? 0)
        let contours = try transaction.contours(of: transcript.id)
        return WaveformAnswer(
            editionId: transcript.edition, fromMilliseconds: span.startMilliseconds,
            toMilliseconds: span.endMilliseconds,
            peaks: Waveform(of: span, count: count, from: contours).peaks,
            loudnessLUFS: Loudness(of: contours.map(\.contour))?.inLUFS)
    }
    return try Response(200, answer, headers: ["cache-control": "private, no-cache"]).tagged(for: request)
}

extension Request {
    /// `from` and `to`, as far as the recording goes; all of it where they are not told.
    fileprivate func span(within duration: Int) throws(Problem) -> Span {
        let moments = 0...AudioProbe.maximumMilliseconds
        let start = try query.integer("from", in: moments) ?? 0
        let end = min(duration, try query.integer("to", in: moments) ?? duration)
        guard start < end else {
            throw Query.refusal(of: "to", "It must lie behind from, and from within the recording.")
        }
        return Span(startMilliseconds: start, endMilliseconds: end)
    }
}
