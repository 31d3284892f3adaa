import Core
import FoundationEssentials

struct CleanupRoundAnswer: Encodable {
    struct Total: Encodable {
        let verdict: CleanupVerdict
        let reason: String
        let objects: Int
        let bytes: Int
    }

    let id: Int
    let isDryRun: Bool
    let beganAt: Date
    let endedAt: Date?
    let editions: Int
    let transcripts: Int
    let totals: [Total]

    init(_ report: CleanupReport) {
        (id, isDryRun, beganAt, endedAt) = (report.id, report.isDryRun, report.beganAt, report.endedAt)
        (editions, transcripts) = (report.editions, report.transcripts)
        totals = report.totals.map {
            Total(verdict: $0.verdict, reason: $0.reason, objects: $0.objects, bytes: $0.bytes)
        }
    }
}

struct CleanupObjectAnswer: Encodable {
    let key: String
    let multipartUpload: String?
    let verdict: CleanupVerdict
    let reason: String
    let bytes: Int
    let modifiedAt: Date?
    let at: Date
    let failure: String?
    let attempts: Int

    init(_ entry: CleanupEntry) {
        key = entry.name.key
        multipartUpload = entry.name.multipart.isEmpty ? nil : entry.name.multipart
        (verdict, reason, bytes) = (entry.verdict, entry.reason, entry.bytes)
        (modifiedAt, at, failure) = (entry.modifiedAt, entry.at, entry.failure)
        attempts = entry.attempts
    }
}

/// GET /admin/storage/cleanup
func showCleanup(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.editor(request)
    try request.refuseUnknownQuery(allowing: ["limit"])
    let limit = try request.query.limit()
    let reports = try shop.database.transaction(.readOnly) { try $0.cleanupReports(limit: limit) }
    return try .confidential(200, ["rounds": reports.map(CleanupRoundAnswer.init)])
}

/// GET /admin/storage/cleanup/objects
func listCleanup(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.editor(request)
    try request.refuseUnknownQuery(allowing: ["verdict", "cursor", "limit"])
    let verdict: CleanupVerdict? = try request.query.value("verdict")
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) {
        try $0.cleanupEntries(judged: verdict, after: cursor, size: size)
    }
    return try .confidential(200, ListAnswer(page, CleanupObjectAnswer.init))
}
