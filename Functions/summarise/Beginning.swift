import Core

private struct TranscribedBook: Decodable { let transcript: Transcript.ID }

/// A text is ready: what is to be written of it is wanted from now on, once however often it is told. A message that
/// is lost after that is sent again by the relay.
func begin(_ event: BusEvent, in shop: Shop) throws {
    guard event.topic == OutboxEvent.Topic.transcriptionCompleted.rawValue else {
        return log("an event of another kind is passed over", ["topic": event.topic])
    }
    let told = try event.decoded(as: ToldEvent<TranscribedBook>.self)
    let due = try shop.database.transaction(.readCommitted) { transaction in
        guard try transaction.consume(told.id, by: "summarise") else { return [] as [Summary.ID] }
        return try transaction.wantSummaries(ofReady: told.payload.transcript)
    }
    guard !due.isEmpty else { return log("nothing to write of it", ["event": told.id]) }
    try shop.send(due)
    log("summaries begun", ["event": told.id, "summaries": due.count])
}
