import Foundation
import StandIns
import Template

/// What the template leaves open, decided for one machine: the user's own providers where a key is set, the
/// stand-ins elsewhere.
struct TemplateParameters: Sendable {
    private var values: [String: String] = [:]

    static let stripeKey = "sk_test_earshelf_local"
    static let stripePublishableKey = "pk_test_earshelf_local"
    static let openAIKey = "sk-earshelf-local"

    init(
        _ settings: Settings, addresses: Addresses, storageURL: String? = nil, databaseURL: String,
        webhookSecret: String,
        identityWebhookSecret: String, giftCodeSecret: String
    ) {
        var chosen: [String: String] = [
            "DATABASE_URL": databaseURL,
            "GIFT_CODE_SECRETS": giftCodeSecret,
            "MEDIA_BUCKET": "earshelf-media",
            // On one machine nobody makes metrics of them.
            "METRICS_NAMESPACE": "",
            "STORE_URL": addresses.origin(.gateway),
            "STRIPE_WEBHOOK_SECRETS": webhookSecret,
            "IDENTITY_WEBHOOK_SECRETS": identityWebhookSecret,
        ]
        if settings["STRIPE_SECRET_KEY"] == nil {
            chosen["STRIPE_SECRET_KEY"] = Self.stripeKey
            chosen["STRIPE_PUBLISHABLE_KEY"] = Self.stripePublishableKey
            chosen["STRIPE_API_BASE"] = addresses.origin(.stripe)
        }
        if settings["OPENAI_API_KEY"] == nil {
            chosen["OPENAI_API_KEY"] = Self.openAIKey
            chosen["OPENAI_BASE_URL"] = addresses.origin(.openAI) + "/v1"
        }
        if settings["S3_ENDPOINT"] == nil {
            chosen["S3_ENDPOINT"] = storageURL ?? addresses.origin(.storage)
        }
        if settings["OIDC_ISSUER"] == nil {
            chosen["OIDC_ISSUER"] = addresses.origin(.identity)
            chosen["OIDC_CLIENT_ID"] = IdentityStandIn.clientID
            chosen["OIDC_AUTHORIZED_PARTIES"] = Self.origins(addresses, settings).joined(separator: ",")
        }
        if addresses.port(.console) != 0 {
            chosen["OTEL_EXPORTER_OTLP_ENDPOINT"] = addresses.origin(.console)
        }
        for name in Settings.parameters {
            let value = chosen[name] ?? settings[name]
            // The user's word stands but where a stand-in takes the provider's place.
            let isOurs = ["STRIPE_API_BASE", "OPENAI_BASE_URL"].contains(name) && chosen[name] != nil
            values[Settings.parameterName(name)] = isOurs ? value : settings[name] ?? value
        }
    }

    /// Those the template asks for.
    func values(for yaml: String) throws(TemplateError) -> [String: String] {
        let names = Set(try Template.parameterNames(yaml))
        return values.filter { names.contains($0.key) }
    }

    /// Where the shop's pages are: by either name of this machine, and where a proxy shows them.
    static func origins(_ addresses: Addresses, _ settings: Settings) -> [String] {
        let own = [addresses.origin(.gateway), "http://localhost:\(addresses.port(.gateway))"]
        return own + [settings["STORE_URL"]].compactMap { $0 }.filter { !own.contains($0) }
    }
}
