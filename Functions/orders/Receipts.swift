import Core

/// What a receipt can be.
enum ReceiptForm: String, CaseIterable {
    case html, pdf

    var mediaType: String {
        switch self {
        case .html: "text/html"
        case .pdf: "application/pdf"
        }
    }

    /// By what the query names, or else by what the client would rather have (RFC 9110, 12.5.1).
    init(of request: Request) throws(Problem) {
        if let named: ReceiptForm = try request.query.value("format") {
            self = named
            return
        }
        guard let accept = request.headers["accept"] else {
            self = .html
            return
        }
        let ranked = Self.allCases.map { ($0, Self.quality(of: $0.mediaType, in: accept)) }
        guard let best = ranked.max(by: { $0.1 < $1.1 || $0.1 == $1.1 && $0.0 == .pdf }), best.1 > 0 else {
            throw .notAcceptable
        }
        self = best.0
    }

    /// In thousandths; by the range that names the type most exactly.
    private static func quality(of type: String, in accept: String) -> Int {
        let group = type.prefix { $0 != "/" }
        var best = (precision: -1, quality: 0)
        for range in accept.lowercased().split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            let precision = [["*/*"], ["\(group)/*"], [type]].firstIndex { $0.first == parts.first }
            guard let precision, precision > best.precision else { continue }
            let weight =
                parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            best = (precision, Int((min(max(weight, 0), 1) * 1000).rounded()))
        }
        return best.quality
    }
}

func showReceipt(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    try shop.limit(request, .orders, of: customer.id)
    try request.refuseUnknownQuery(allowing: ["format"])
    let form = try ReceiptForm(of: request)
    let id: Order.ID = try request.id()
    let (story, buyer) = try shop.database.transaction(.readOnly) { transaction in
        (try transaction.orderStory(id, of: customer.id), try transaction.buyer(customer.id))
    }
    guard let story else { throw Problem.notFound }
    let receipt = Receipt(
        of: story.order, confirmedAt: story.confirmedAt, payment: story.payment, from: shop.seller, to: buyer)
    guard let receipt else { throw Problem.noReceipt }
    var headers = [
        "cache-control": "private, no-store", "vary": "accept", "x-content-type-options": "nosniff",
    ]
    switch form {
    case .html:
        // It is made of texts of others: were one of them not escaped, it would still do nothing.
        headers["content-security-policy"] =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        return Response(
            200, bytes: Array(ReceiptPage(receipt).html.utf8), type: "text/html; charset=utf-8",
            headers: headers)
    case .pdf:
        headers["content-disposition"] = "inline; filename=\"receipt-\(receipt.number).pdf\""
        return Response(200, bytes: ReceiptDocument(receipt).bytes, type: "application/pdf", headers: headers)
    }
}
