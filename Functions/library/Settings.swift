import Core

struct SettingsBody: Codable { let speed: Double }

func settings(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id()
    let speed = try shop.database.transaction(.readOnly) { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        return try transaction.speed(of: customer.id, in: book)
    }
    return try .personal(SettingsBody(speed: speed.rawValue))
}

/// The last one to say counts: it is a taste and not a place.
func setSettings(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id()
    guard let speed = PlaybackSpeed(rawValue: try request.decoded(as: SettingsBody.self).speed) else {
        throw Problem.invalid("/speed", "0.5 to 3.5")
    }
    try shop.database.transaction(.readCommitted) { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        try transaction.setSpeed(speed, of: customer.id, in: book)
    }
    return try .personal(SettingsBody(speed: speed.rawValue))
}
