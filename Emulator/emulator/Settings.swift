import Foundation

/// What the user decides, by the environment or by the file `.env`; the environment wins. Empty is unset.
struct Settings: Sendable {
    private var values: [String: String]

    /// The settings that are also parameters of the template, each under its name in camel case:
    /// `STRIPE_SECRET_KEY` is `StripeSecretKey`.
    static let parameters = [
        "CLEANUP_DRY_RUN", "CLEANUP_GRACE_HOURS", "DATABASE_URL", "EDITION_GRACE_DAYS", "GIFT_CODE_SECRETS",
        "IDENTITY_WEBHOOK_SECRETS", "MEDIA_BUCKET", "METRICS_NAMESPACE", "OIDC_AUDIENCE",
        "OIDC_AUTHORIZED_PARTIES", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ISSUER", "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "OPENAI_SUMMARY_MODEL", "OPENAI_SUMMARY_PRICE", "OPENAI_TRANSCRIPTION_MODEL",
        "OPENAI_TRANSCRIPTION_PRICE", "OPENSEARCH_PASSWORD", "OPENSEARCH_URL", "OPENSEARCH_USER",
        "OTEL_EXPORTER_OTLP_ENDPOINT", "S3_ENDPOINT", "STORE_ADDRESS", "STORE_COUNTRY", "STORE_CURRENCY",
        "STORE_NAME", "STORE_TAX_ID", "STORE_URL",
        "STRIPE_API_BASE", "STRIPE_PUBLISHABLE_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRETS",
        "TRANSCRIPTION_BUDGET",
    ]

    init(environment: [String: String] = [:], file text: String = "") throws(Refusal) {
        values = try Self.parsed(text)
        values.merge(environment) { $1 }
    }

    subscript(name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Of `STRIPE_SECRET_KEY`: `StripeSecretKey`.
    static func parameterName(_ setting: String) -> String {
        setting.split(separator: "_").map { $0.prefix(1) + $0.dropFirst().lowercased() }.joined()
    }

    /// `NAME=value`, with `export` before it or not; blank lines and those that begin with `#` are skipped. A
    /// value may stand in single or double quotes; without them it ends where ` #` begins a comment.
    static func parsed(_ text: String) throws(Refusal) -> [String: String] {
        var values: [String: String] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            var line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("export ") { line = line.dropFirst(7).trimmingCharacters(in: .whitespaces) }
            guard let equals = line.firstIndex(of: "=") else { throw malformed(index) }
            let name = line[..<equals].trimmingCharacters(in: .whitespaces)
            guard !name.isEmpty,
                name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }),
                let value = unquoted(line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces))
            else { throw malformed(index) }
            values[name] = value
        }
        return values
    }

    private static func malformed(_ index: Int) -> Refusal {
        Refusal(".env, line \(index + 1): this is not NAME=value.")
    }

    private static func unquoted(_ text: String) -> String? {
        guard let quote = text.first, quote == "\"" || quote == "'" else {
            let comment = text.range(of: " #")?.lowerBound ?? text.endIndex
            return text.hasPrefix("#") ? "" : text[..<comment].trimmingCharacters(in: .whitespaces)
        }
        guard let end = text.dropFirst().firstIndex(of: quote) else { return nil }
        let rest = text[text.index(after: end)...].trimmingCharacters(in: .whitespaces)
        guard rest.isEmpty || rest.hasPrefix("#") else { return nil }
        return String(text[text.index(after: text.startIndex)..<end])
    }
}
