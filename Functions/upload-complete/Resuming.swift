import Core

private struct StalledUpload: Decodable { let upload: Upload.ID }

/// An upload stands still, for whoever was told that its file is there could not look at it. What is there is looked at
/// now; what is not there yet may still come.
func resume(_ event: BusEvent, in shop: Shop) throws {
    guard event.topic == OutboxEvent.Topic.uploadStalled.rawValue else {
        return log("an event of another kind is passed over", ["topic": event.topic])
    }
    let id = try event.decoded(as: ToldEvent<StalledUpload>.self).payload.upload
    let stalled = try shop.database.transaction { try $0.upload(id) }
    guard let upload = stalled else {
        return log("event of an unknown upload passed over", ["upload": id])
    }
    // Its parts may have been on their way to become one file.
    guard try shop.join(upload).isEmpty else { return log("parts are missing", ["upload": id]) }
    do { _ = try shop.accept(id) } catch let problem as Problem where problem.type == "upload-absent" {
        return log("nothing is stored yet", ["upload": id])
    }
    shop.publishSoon()
}
