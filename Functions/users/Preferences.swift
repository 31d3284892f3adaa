import Core

/// Preferences as they are told and sent.
struct PreferencesBody: Codable {
    let language: LanguageTag
    let theme: Preferences.Theme
    let speed: Double
    let skipBackSeconds: Int
    let skipForwardSeconds: Int
    let mail: Mail
    let currency: Currency?
    let country: Country?

    struct Mail: Codable {
        /// Always: a receipt is owed.
        let receipts: Bool
        let news: Bool
    }

    init(_ kept: Preferences) {
        (language, theme, speed) = (kept.language, kept.theme, kept.speed)
        (skipBackSeconds, skipForwardSeconds) = (kept.skipBackSeconds, kept.skipForwardSeconds)
        (mail, currency, country) = (Mail(receipts: true, news: kept.wantsNews), kept.currency, kept.country)
    }

    func checked(replacing version: Int) throws -> Preferences {
        guard mail.receipts else { throw Problem.invalid("/mail/receipts", "true: a receipt is always sent") }
        return try Preferences(
            language: language, theme: theme, speed: speed, skipBackSeconds: skipBackSeconds,
            skipForwardSeconds: skipForwardSeconds, wantsNews: mail.news, currency: currency,
            country: country,
            version: version)
    }
}

func showPreferences(_ request: Request, in shop: Shop) throws -> Response {
    let me = try shop.identity.customer(request)
    try request.refuseUnknownQuery()
    return try shop.database.transaction { try answer($0.preferences(of: me.id)) }
}

func setPreferences(_ request: Request, in shop: Shop) throws -> Response {
    let me = try shop.identity.customer(request)
    try request.refuseUnknownQuery()
    let version = try request.expectedVersion.version
    let wanted = try request.decoded(as: PreferencesBody.self).checked(replacing: version)
    return try shop.database.transaction { try answer($0.set(wanted, of: me.id)) }
}

private func answer(_ kept: Preferences) throws -> Response {
    try Response(
        200, PreferencesBody(kept),
        headers: ["etag": EntityTag(version: kept.version).description, "cache-control": "private, no-store"])
}
