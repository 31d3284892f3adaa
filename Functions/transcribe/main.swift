// From a recording to words. The queue brings the work: a plan of chunks first, then each chunk on its own;
// whoever brings the last chunk puts the text together. Editors ask by HTTP, read, correct and judge.
//
// A message may come twice: a plan that is made stays, a chunk that is done or in work is passed over.

import Core
import World

func transcription(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    return switch request.route {
    case "POST /api/v1/transcription/start": try start(request, in: shop)
    case "GET /api/v1/transcription/{jobId}/status": try status(request, in: shop)
    case "GET /api/v1/transcription/{audiobookId}": try text(request, in: shop)
    case "GET /api/v1/transcription/{audiobookId}/audio": try audio(request, in: shop)
    case "GET /api/v1/transcription/{audiobookId}/waveform": try waveform(request, in: shop)
    case "PATCH /api/v1/transcription/{audiobookId}/segments/{position}":
        try correct(request, by: editor, in: shop)
    case "GET /api/v1/transcription/{jobId}/chunks": try chunks(request, in: shop)
    case "POST /api/v1/transcription/{jobId}/approve": try approve(request, by: editor, in: shop)
    case "POST /api/v1/transcription/{jobId}/chunks/{number}/redo": try redo(request, by: editor, in: shop)
    default: throw Problem.notFound
    }
}

func work(_ message: QueueMessage, in shop: Shop) throws {
    switch try message.decoded(as: TranscriptionMessage.self) {
    case .plan(let transcript): try plan(transcript, in: shop)
    case .chunk(let transcript, let number): try transcribe(chunk: number, of: transcript, in: shop)
    }
}

func plan(_ id: Transcript.ID, in shop: Shop) throws {
    let (transcript, tracks) = try shop.database.transaction { transaction in
        let transcript = try transaction.transcript(id)
        return (transcript, try transcript.map { try transaction.tracks(of: $0.edition) } ?? [])
    }
    let chunks = tracks.flatMap { ChunkPlan.standard.chunks(of: $0.span) }
    guard let transcript, !chunks.isEmpty else {
        return log("a transcript without a recording is passed over", ["transcript": id])
    }
    guard shop.hearingTerms.cover(chunks, of: transcript) else { return try shop.giveUp(id) }
    let waiting = try shop.database.transaction(.readCommitted) { try $0.plan(id, chunks: chunks) }
    for number in waiting {
        try shop.transcriptions.send(TranscriptionMessage.chunk(id, number: number).text)
    }
    log("transcript planned", ["transcript": id, "chunks": chunks.count, "sent": waiting.count])
}

func transcribe(chunk number: Int, of id: Transcript.ID, in shop: Shop) throws {
    guard let (chunk, rest) = try shop.claim(number, of: id) else { return }
    if let rest { return try shop.put(off: chunk, until: rest) }
    do {
        let (recording, span, contour) = try shop.cut(chunk)
        let text = contour.isSilent ? .silence : try shop.heard(recording, as: chunk)
        let cost = contour.isSilent ? 0 : shop.hearingTerms.nanodollars(for: span)
        let completion = try shop.database.transaction(.readCommitted) { transaction in
            try transaction.complete(chunk, with: text, contour: contour, cost: cost)
        }
        log("chunk transcribed", ["transcript": id, "chunk": number, "completion": "\(completion)"])
        // Its summary is begun by whoever is told of it.
        if completion == .assembled { shop.publishSoon() }
    } catch let service as ServiceRests {
        try shop.put(off: chunk, until: service.rest, after: service.failure)
    } catch let failure as OutsideFailure { try shop.giveBack(chunk, because: failure) }
}

Lambda.serve(
    { try Shop.live().reaching(.audio, .speech, .transcriptions, .events) }, http: transcription,
    queue: work)
