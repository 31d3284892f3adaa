import Core

/// What the shop stores. Kinds and states of which there is nothing are told with nothing.
struct StorageAnswer: Encodable {
    struct Kind: Encodable {
        let kind: StoredKind.Kind
        let objects: Int
        let bytes: Int
    }

    struct Superseded: Encodable {
        let editions: Int
        let objects: Int
        let bytes: Int
    }

    struct Uploads: Encodable {
        let state: Upload.State
        let uploads: Int
        let declaredBytes: Int
    }

    struct Book: Encodable {
        let audiobookId: Audiobook.ID
        let title: String
        let objects: Int
        let bytes: Int
    }

    let objects: Int
    let bytes: Int
    let kinds: [Kind]
    let superseded: Superseded
    let unfinishedUploads: [Uploads]
    let largest: [Book]
}

/// GET /admin/storage
func showStorage(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.editor(request)
    try request.refuseUnknownQuery(allowing: ["limit"])
    let limit = try request.query.limit()
    return try shop.database.transaction(.readOnly) { transaction in
        let stored = try transaction.storedKinds(), superseded = try transaction.supersededEditions()
        let answer = StorageAnswer(
            objects: stored.reduce(0) { $0 + $1.objects }, bytes: stored.reduce(0) { $0 + $1.bytes },
            kinds: StoredKind.Kind.allCases.map { kind in
                let found = stored.first { $0.kind == kind }
                return .init(kind: kind, objects: found?.objects ?? 0, bytes: found?.bytes ?? 0)
            },
            superseded: .init(
                editions: superseded.editions, objects: superseded.objects, bytes: superseded.bytes),
            unfinishedUploads: try transaction.unfinishedUploads().map {
                .init(state: $0.state, uploads: $0.uploads, declaredBytes: $0.declaredBytes)
            },
            largest: try transaction.largestRecordings(limit: limit).map {
                .init(audiobookId: $0.audiobook, title: $0.title, objects: $0.objects, bytes: $0.bytes)
            })
        return try .confidential(200, answer)
    }
}
