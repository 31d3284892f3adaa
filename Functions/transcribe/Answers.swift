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
    let flags: [String]
    let estimatedEndAt: Date?

    init(_ transcript: Transcript) {
        (jobId, audiobookId, state) = (transcript.id, transcript.audiobook, transcript.state)
        (percent, chunks) = (transcript.progress.percent, transcript.progress.chunks)
        (chunksDone, failure) = (transcript.progress.done, transcript.failure)
        (flags, estimatedEndAt) = (transcript.flags, transcript.progress.estimatedEnd)
    }
}

struct TranscriptAnswer: Encodable {
    let job: JobAnswer
    let segments: [SegmentAnswer]
    let next: String?
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
    return try Response(200, JobAnswer(transcript), headers: ["cache-control": "private, no-cache"])
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
                job: JobAnswer(transcript), segments: page.items.map(SegmentAnswer.init),
                next: page.next?.rawValue)
        }
    }
}
