import Core

/// How long a signed address is good for; the way to it is kept for four fifths of that.
private let addressSeconds = 3600

func cover(_ request: Request, in shop: Shop) throws -> Response {
    let reference = try request.book
    try request.refuseUnknownQuery(allowing: ["size"])
    let sizes = CoverSize.allCases.map { String($0.rawValue) }.joined(separator: ", ")
    let size =
        try request.query.parsed("size", expecting: "one of \(sizes)") { text in
            CoverSize.allCases.first { String($0.rawValue) == text }
        } ?? .small
    let viewer = try shop.identity.viewer(request)
    let file = try shop.database.transaction(.readOnly) { try $0.cover(of: reference, size, seenBy: viewer) }
    return try shop.way(to: file)
}

func sample(_ request: Request, in shop: Shop) throws -> Response {
    let reference = try request.book
    try request.refuseUnknownQuery()
    let viewer = try shop.identity.viewer(request)
    let file = try shop.database.transaction(.readOnly) { try $0.sample(of: reference, seenBy: viewer) }
    return try shop.way(to: file)
}

extension Shop {
    /// The file's own address, signed anew. What everybody may see, everybody's caches may keep the way to.
    fileprivate func way(to file: WindowFile?) throws -> Response {
        guard let file else { throw Problem.notFound }
        let link = try links.download(file.bucket, file.objectKey, nil, addressSeconds)
        let caching = file.isPublic ? "public, max-age=\(addressSeconds * 4 / 5)" : "private, no-store"
        return Response(
            307, bytes: [], type: nil,
            headers: ["location": link.url, "cache-control": caching, "vary": "authorization, cookie"])
    }
}
