import Core
import FoundationEssentials

/// How long an address is good for.
private let secondsOfAnAddress = 900

/// One file that a book may be had as, and how far it is.
struct ExportAnswer: Encodable {
    enum State: String, Encodable {
        /// Nobody has asked for it yet.
        case none
        case waiting, making, ready
        /// The book has changed since it was made: asked for, it is made anew.
        case outdated
        case failed
    }

    let format: Export.Format
    let state: State
    let contentType: String
    var bytes: Int?
    var readyAt: Date?
    var failure: String?
    var url: String?
    var expiresAt: Date?

    init(_ format: Export.Format, _ export: Export?) {
        (self.format, contentType) = (format, format.mediaType)
        switch export?.state {
        case nil, .superseded: state = .none
        case .wanted: state = .waiting
        case .making: state = .making
        case .failed: (state, failure) = (.failed, export?.failure)
        case .ready:
            state = export?.isCurrent == true ? .ready : .outdated
            (bytes, readyAt) = (export?.bytes, export?.readyAt)
        }
    }
}

struct ExportsAnswer: Encodable {
    let audiobookId: Audiobook.ID
    let exports: [ExportAnswer]
}

func list(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery()
    let book: Audiobook.ID = try request.id()
    let exports = try shop.database.transaction(.readOnly) { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        let made = try transaction.exports(of: book)
        return try transaction.allowedExports(of: book).map { format in
            ExportAnswer(format, made.first { $0.format == format })
        }
    }
    return try .kept(ExportsAnswer(audiobookId: book, exports: exports))
}

/// What is there is signed for; what is not is asked for.
func ask(_ request: Request, by customer: Principal, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery()
    let book: Audiobook.ID = try request.id()
    guard let format = request.parameters["format"].flatMap(Export.Format.init) else {
        throw Problem.notFound
    }
    let (export, isNew, title) = try shop.database.transaction(.readCommitted) { transaction in
        let entitlement = try transaction.entitlement(of: customer.id, to: book)
        guard try transaction.allowedExports(of: book).contains(format) else { throw ExportError.notAllowed }
        guard let edition = try transaction.currentEdition(of: book) else { throw AccessError.noSuchBook }
        let tracks = try transaction.tracks(of: edition)
        try format.check(tracks)
        if format == .epub { _ = try transaction.readableTranscript(of: book) }
        let (export, isNew) = try transaction.want(format, of: book, in: shop.bucket)
        guard export.state == .ready else { return (export, isNew, "") }
        for track in tracks {
            try transaction.record(
                AccessRecord(
                    entitlement: entitlement.id, asset: track.asset.id, action: .download,
                    ip: request.sourceIP, userAgent: request.userAgent))
        }
        return (export, isNew, try transaction.title(of: book))
    }
    if isNew { try shop.exports.send(export.id.description) }
    var answer = ExportAnswer(format, export)
    guard answer.state == .ready else { return try .kept(answer, status: 202) }
    let link = try shop.links.download(
        export.bucket, export.objectKey, "\(title).\(format.rawValue)", secondsOfAnAddress)
    (answer.url, answer.expiresAt) = (link.url, link.expiresAt)
    return try .kept(answer)
}

extension Response {
    /// What is one customer's own, and kept by no cache.
    fileprivate static func kept(_ body: some Encodable, status: Int = 200) throws -> Response {
        try Response(status, body, headers: ["cache-control": "private, no-store"])
    }
}
