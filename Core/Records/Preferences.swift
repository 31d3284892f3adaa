public import Bookshop
public import Postgres

extension Preferences.Theme: SQLValue {}

extension Preferences: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        let language: LanguageTag = try row["language"]
        let theme: Theme = try row["theme"]
        let speed: Double = try row["speed"]
        let (back, forward): (Int, Int) = (try row["skip_back_seconds"], try row["skip_forward_seconds"])
        let (wantsNews, version): (Bool, Int) = (try row["wants_news"], try row["version"])
        let currency: Currency? = try row["currency"]
        let country: String? = try row["country"]
        do {
            try self.init(
                language: language, theme: theme, speed: speed, skipBackSeconds: back,
                skipForwardSeconds: forward,
                wantsNews: wantsNews, currency: currency, country: country.flatMap(Country.init(rawValue:)),
                version: version)
        } catch { preconditionFailure("the schema keeps preferences within the same bounds: \(error)") }
    }
}

extension Transaction {
    public func preferences(of person: Person.ID) throws -> Preferences {
        try first(
            """
            SELECT language, theme, speed, skip_back_seconds, skip_forward_seconds, wants_news, currency, country,
                version
            FROM identity.preferences WHERE user_id = \(person)
            """) ?? .usual
    }

    /// Replaces them all, if nobody did since that version. Since when somebody wants news, or does not, is kept.
    public func set(_ wanted: Preferences, of person: Person.ID) throws -> Preferences {
        let kept = try run(
            wanted.version == 0
                ? """
                INSERT INTO identity.preferences (user_id, language, theme, speed, skip_back_seconds,
                    skip_forward_seconds, wants_news, news_decided_at, currency, country)
                VALUES (\(person), \(wanted.language), \(wanted.theme), \(wanted.speed),
                    \(wanted.skipBackSeconds), \(wanted.skipForwardSeconds), \(wanted.wantsNews), now(),
                    \(wanted.currency), \(wanted.country?.rawValue))
                ON CONFLICT (user_id) DO NOTHING
                """
                : """
                UPDATE identity.preferences SET language = \(wanted.language), theme = \(wanted.theme),
                    speed = \(wanted.speed), skip_back_seconds = \(wanted.skipBackSeconds),
                    skip_forward_seconds = \(wanted.skipForwardSeconds), wants_news = \(wanted.wantsNews),
                    news_decided_at = CASE WHEN wants_news = \(wanted.wantsNews) THEN news_decided_at
                        ELSE now() END,
                    currency = \(wanted.currency), country = \(wanted.country?.rawValue),
                    version = version + 1, updated_at = now()
                WHERE user_id = \(person) AND version = \(wanted.version)
                """)
        guard kept == 1 else { throw PersonError.changedMeanwhile }
        return try preferences(of: person)
    }
}
