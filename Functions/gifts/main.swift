// Books given to others:
// GET /gifts: what I have given, with the codes that open it · POST /gifts/redeem: opens a gift by its code
//
// A code opens its gift once. For the one who opened it, it does so again and again; nobody else gets anything.

import Core
import FoundationEssentials

struct RedeemRequest: Decodable {
    let code: String
}

func gifts(_ request: Request, in shop: Shop) throws -> Response {
    switch request.route {
    case "GET /api/v1/gifts": try given(request, in: shop)
    case "POST /api/v1/gifts/redeem": try redeem(request, in: shop)
    default: throw Problem.notFound
    }
}

func given(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    try request.refuseUnknownQuery(allowing: ["cursor", "limit"])
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) {
        try $0.gifts(givenBy: customer.id, after: cursor, size: size)
    }
    let answer = ListAnswer(page) { GiftAnswer($0, shop.giftCodes.code(of: $0), storeURL: shop.storeURL) }
    return try Response(200, answer, headers: ["cache-control": "no-store"])
}

func redeem(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    // Nobody finds a code by trying: and nobody shall try.
    try shop.limit(request, .gifts, of: customer.id)
    try request.refuseUnknownQuery()
    let wish: RedeemRequest = try request.decoded()
    guard let code = GiftCode(rawValue: wish.code) else { throw GiftError.unknown }
    let gift = try shop.database.transaction(.readCommitted) {
        try $0.redeemGift(codeHash: GiftCodes.hash(code), by: customer.id)
    }
    log("gift redeemed", ["gift": gift.id])
    return try Response(
        200, RedeemedAnswer(giftId: gift.id, audiobookId: gift.audiobook),
        headers: ["cache-control": "no-store"])
}

Lambda.serve({ try Shop.live() }, http: gifts)
