import Core

struct Correction: Decodable { let text: String }

extension Request {
    /// A number in the path. What is none names nothing.
    fileprivate func number(_ name: String) throws(Problem) -> Int {
        guard let number = parameters[name].flatMap({ Int($0) }), (1...Int(Int32.max)).contains(number) else {
            throw .notFound
        }
        return number
    }
}

func correct(_ request: Request, by editor: Editing, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id("audiobookId")
    let (position, version) = (try request.number("position"), try request.expectedVersion.version)
    guard let text = SegmentText(try request.decoded(as: Correction.self).text) else {
        throw Problem.invalid("/text", "1 to \(SegmentText.longest) characters")
    }
    // Who waited for the text's row must see what the other wrote.
    let segment = try shop.database.transaction(.readCommitted) { transaction in
        guard let transcript = try transaction.transcript(of: book) else { throw Problem.notFound }
        return try transaction.correct(
            position, of: transcript.id, to: text, by: editor.id, ifVersion: version)
    }
    return try Response(
        200, SegmentAnswer(segment), headers: ["etag": EntityTag(version: segment.version).description])
}

func approve(_ request: Request, by editor: Editing, in shop: Shop) throws -> Response {
    let id: Transcript.ID = try request.id("jobId")
    let transcript = try shop.database.transaction(.readCommitted) { transaction in
        try transaction.approve(id, by: editor.id)
        return try transaction.transcript(id)
    }
    guard let transcript else { throw Problem.notFound }
    shop.publishSoon()
    return try Response(200, JobAnswer(transcript, on: shop.hearingTerms))
}

struct ChunkAnswer: Encodable {
    let number: Int
    let startMilliseconds: Int
    let endMilliseconds: Int
    let state: ChunkStatus.State
    let attempts: Int
    let failure: String?

    init(_ chunk: ChunkStatus) {
        (number, state, attempts) = (chunk.number, chunk.state, chunk.attempts)
        (startMilliseconds, endMilliseconds) = (chunk.span.startMilliseconds, chunk.span.endMilliseconds)
        failure = chunk.failure
    }
}

func chunks(_ request: Request, in shop: Shop) throws -> Response {
    let id: Transcript.ID = try request.id("jobId")
    try request.refuseUnknownQuery()
    guard let chunks = try shop.database.transaction(.readOnly, { try $0.chunks(of: id) }) else {
        throw Problem.notFound
    }
    return try Response(
        200, ["chunks": chunks.map(ChunkAnswer.init)], headers: ["cache-control": "private, no-cache"])
}

func redo(_ request: Request, by editor: Editing, in shop: Shop) throws -> Response {
    let id: Transcript.ID = try request.id("jobId")
    let number = try request.number("number")
    let (transcript, isWaiting) = try shop.database.transaction(.readCommitted) { transaction in
        let isWaiting = try transaction.redo(chunk: number, of: id, by: editor.id)
        return (try transaction.transcript(id), isWaiting)
    }
    guard let transcript else { throw Problem.notFound }
    if isWaiting { try shop.transcriptions.send(TranscriptionMessage.chunk(id, number: number).text) }
    return try Response(202, JobAnswer(transcript, on: shop.hearingTerms))
}
