import Core
import FoundationEssentials

struct NewTranscript: Decodable { let audiobookId: Audiobook.ID }

/// How a transcription stands.
struct JobAnswer: Encodable {
    let jobId: Transcript.ID
    let audiobookId: Audiobook.ID
    let state: Transcript.State
    let percent: Int
    let chunks: Int
    let chunksDone: Int
    let failure: String?

    init(_ transcript: Transcript) {
        (jobId, audiobookId, state) = (transcript.id, transcript.audiobook, transcript.state)
        (percent, chunks) = (transcript.progress.percent, transcript.progress.chunks)
        (chunksDone, failure) = (transcript.progress.done, transcript.failure)
    }
}

struct TranscriptAnswer: Encodable {
    let job: JobAnswer
    let segments: [SegmentAnswer]
}

struct SegmentAnswer: Encodable {
    let position: Int
    let chapter: Int
    let startMilliseconds: Int
    let endMilliseconds: Int
    let text: String

    init(_ segment: Segment) {
        (position, chapter, text) = (segment.position, segment.chapter, segment.text)
        (startMilliseconds, endMilliseconds) = (segment.span.startMilliseconds, segment.span.endMilliseconds)
    }
}

func start(_ request: Request, in shop: Shop) throws -> Response {
    let book = try request.decoded(as: NewTranscript.self).audiobookId
    let transcript = try shop.database.transaction { transaction in
        try transaction.transcript(transaction.startTranscript(of: book))
    }
    guard let transcript else { throw Problem.notFound }
    if transcript.state == .planned {
        try shop.transcriptions.send(TranscriptionMessage.plan(transcript.id).text)
    }
    return try Response(202, JobAnswer(transcript))
}

func status(_ request: Request, in shop: Shop) throws -> Response {
    let id: Transcript.ID = try request.id("jobId")
    let transcript = try shop.database.transaction { try $0.transcript(id) }
    guard let transcript else { throw Problem.notFound }
    return try Response(200, JobAnswer(transcript), headers: ["cache-control": "no-store"])
}

/// The phrases from one moment on, as many as one answer holds.
func text(_ request: Request, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery(allowing: ["from", "limit"])
    let book: Audiobook.ID = try request.id("audiobookId")
    let from = try request.query.integer("from", in: 0...AudioProbe.maximumMilliseconds) ?? 0
    let limit = try request.query.limit("limit", default: 200, upTo: 1000)
    return try shop.database.transaction { transaction in
        guard let transcript = try transaction.transcript(of: book) else { throw Problem.notFound }
        let segments = try transaction.segments(of: transcript.id, fromMilliseconds: from, limit: limit)
        return try Response(
            200, TranscriptAnswer(job: JobAnswer(transcript), segments: segments.map(SegmentAnswer.init)))
    }
}
