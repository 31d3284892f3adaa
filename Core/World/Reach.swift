internal import AWS
public import Core
internal import Curl
internal import FFmpeg
internal import FoundationEssentials
internal import HTTP
internal import OpenAI
internal import Stripe

/// What a function may need of the world outside the database. Only what is named is configured, so that a
/// function holds no key it has no use for.
public enum Reach {
    case storage, inventory, audio, pictures, bindery, payments, speech, writer, transcriptions, summaries
    case exports, events, issuer, signIns, index
}

extension Shop {
    /// The shop with these parts of the world, over one libcurl client whose waits end with the event.
    ///
    /// - storage: `MEDIA_BUCKET`, `S3_ENDPOINT`, `AWS_…`
    /// - inventory: the same, and `CLEANUP_GRACE_HOURS`, `EDITION_GRACE_DAYS`, `CLEANUP_DRY_RUN`
    /// - audio, pictures, bindery: ffprobe and ffmpeg, found by `PATH`; `TMPDIR`, `SSL_CERT_FILE`
    /// - payments: `STRIPE_SECRET_KEY`, `STRIPE_API_BASE`
    /// - speech, writer: `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_TRANSCRIPTION_MODEL`,
    /// `OPENAI_TRANSCRIPTION_PRICE`, `TRANSCRIPTION_BUDGET`,
    /// `OPENAI_SUMMARY_MODEL`, `OPENAI_SUMMARY_PRICE`
    /// - transcriptions, summaries, exports: `TRANSCRIPTION_QUEUE_URL`, `SUMMARY_QUEUE_URL`, `EXPORT_QUEUE_URL`
    /// - events: `EVENT_BUS_NAME`, `AWS_ENDPOINT_URL_EVENTBRIDGE`, `AWS_…`
    /// - issuer: `OIDC_ISSUER`
    /// - signIns: `OIDC_ISSUER`, `OIDC_CLIENT_ID`, `OIDC_CLIENT_SECRET`
    /// - index: `OPENSEARCH_URL`, `OPENSEARCH_USER`, `OPENSEARCH_PASSWORD`, `AWS_…`; without the first there is none
    public func reaching(_ parts: Reach...) throws -> Shop {
        let client = Curl.Client()
        var shop = self
        shop.beginnings.append { client.deadline = $0.deadline }
        for part in parts { try shop.reach(part, through: client) }
        return shop
    }

    private mutating func reach(_ part: Reach, through client: Curl.Client) throws {
        let send = traced(part.service) { request throws(Failure) in try client.send(request) }
        switch part {
        case .storage:
            let bucket = try Bucket.live(Settings.required("MEDIA_BUCKET"))
            storage = .s3(bucket, send)
            multipart = .s3(bucket, send)
        case .inventory:
            inventory = .s3(try Bucket.live(Settings.required("MEDIA_BUCKET")), send)
            cleanupTerms = try configuredCleanup()
        case .audio: audio = .ffmpeg(ranges: ranges(send)) { [weak client] in client?.deadline }
        case .pictures: pictures = .ffmpeg { [weak client] in client?.deadline }
        case .bindery: bindery = .ffmpeg { [weak client] in client?.deadline }
        case .payments:
            let secretKey = try Settings.required("STRIPE_SECRET_KEY")
            let base = Settings.optional("STRIPE_API_BASE") ?? "https://api.stripe.com"
            let api = StripeAPI(secretKey: secretKey, base: base)
            payments = .stripe(secretKey: secretKey, apiBase: base, send: send)
            intents = .stripe(api, send: send)
            refunds = .stripe(api, send: send)
            methods = .stripe(api, send: send)
            providerCustomers = .stripe(api, send: send)
            missedEvents = .stripe(api, send: send)
        case .speech:
            speech = .openAI(
                key: try Settings.required("OPENAI_API_KEY"), base: openAIBase,
                model: Settings.optional("OPENAI_TRANSCRIPTION_MODEL") ?? "whisper-1", send: send)
            hearingTerms = try configuredTerms()
        case .writer:
            writer = .openAI(
                key: try Settings.required("OPENAI_API_KEY"), base: openAIBase,
                model: Settings.optional("OPENAI_SUMMARY_MODEL") ?? "gpt-4o-mini", price: try summaryPrice(),
                send: send)
        case .transcriptions: transcriptions = try .sqs(Settings.required("TRANSCRIPTION_QUEUE_URL"), send)
        case .summaries: summaries = try .sqs(Settings.required("SUMMARY_QUEUE_URL"), send)
        case .exports: exports = try .sqs(Settings.required("EXPORT_QUEUE_URL"), send)
        case .events: events = try .eventBridge(Settings.required("EVENT_BUS_NAME"), send)
        case .issuer: issuer = .oidc(try Settings.required("OIDC_ISSUER"), send)
        case .signIns:
            signIns = try .oidc(
                try Settings.required("OIDC_ISSUER"), as: try Settings.required("OIDC_CLIENT_ID"),
                secret: Settings.optional("OIDC_CLIENT_SECRET"), now: now, send)
        case .index:
            index = try .live(send)
            if let index { passages = .proposed(by: index, in: self) }
        }
    }

    private func configuredCleanup() throws -> CleanupTerms {
        func setting(_ name: String, or standard: Int) throws -> Int {
            guard let text = Settings.optional(name) else { return standard }
            guard let number = Int(text) else { throw MalformedSetting(name) }
            return number
        }
        let standard = CleanupTerms.standard, dryRun = Settings.optional("CLEANUP_DRY_RUN") ?? "false"
        let terms = CleanupTerms(
            graceHours: try setting("CLEANUP_GRACE_HOURS", or: standard.graceHours),
            editionGraceDays: try setting("EDITION_GRACE_DAYS", or: standard.editionGraceDays),
            isDryRun: dryRun == "true")
        guard let terms, ["true", "false"].contains(dryRun) else {
            throw MalformedSetting("CLEANUP_GRACE_HOURS, EDITION_GRACE_DAYS, CLEANUP_DRY_RUN")
        }
        return terms
    }

    private func configuredTerms() throws -> HearingTerms {
        let price = Settings.optional("OPENAI_TRANSCRIPTION_PRICE") ?? "0.006"
        let budget = Settings.optional("TRANSCRIPTION_BUDGET") ?? "20"
        guard let terms = HearingTerms(pricePerMinute: price, budget: budget) else {
            throw MalformedSetting("OPENAI_TRANSCRIPTION_PRICE, TRANSCRIPTION_BUDGET")
        }
        return terms
    }

    private func summaryPrice() throws -> WritingPrice {
        guard let text = Settings.optional("OPENAI_SUMMARY_PRICE") else { return .standard }
        guard let price = WritingPrice(rawValue: text) else { throw MalformedSetting("OPENAI_SUMMARY_PRICE") }
        return price
    }

    private var openAIBase: String { Settings.optional("OPENAI_BASE_URL") ?? "https://api.openai.com/v1" }
}
