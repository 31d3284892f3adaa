@_exported public import Bookshop
public import FoundationEssentials
@_exported public import Lambda
@_exported public import Postgres
@_exported public import Records

/// All that a function may reach of the world. A test builds one out of the parts it needs; a part that
/// nobody gave fails by its name.
public struct Shop: Serving {
    public var database: Connection
    public var identity: Identification
    public var now: () -> Date = { Date() }
    /// Where uploads go and recordings are.
    public var bucket = ""
    /// What prices are told in unless another currency is asked for.
    public var currency = Currency.eur
    /// Where its customers are unless they say so.
    public var country = Country.germany
    /// Where customers come back to from paying.
    public var storeURL = ""
    /// Who sells, as a receipt says it.
    public var seller = Seller(name: "Earshelf")
    /// Whose tokens are believed.
    public var issuerURL = ""
    public var links = Links.unset
    public var storage = Storage.unset
    public var multipart = Multipart.unset
    public var inventory = Inventory.unset
    public var cleanupTerms = CleanupTerms.standard
    public var audio = AudioTools.unset
    public var pictures = PictureTools.unset
    public var bindery = Bindery.unset
    public var payments = Payments.unset
    public var tax = Tax.table
    /// By which gifts are opened; without a secret there are none.
    public var giftCodes = GiftCodes(secrets: [])
    public var intents = Intents.unset
    public var refunds = Refunds.unset
    public var methods = SavedMethods.unset
    public var providerCustomers = ProviderCustomers.unset
    public var missedEvents = MissedEvents.unset
    /// By which a browser speaks to the payment provider; no secret.
    public var publishableKey = ""
    public var speech = Speech.unset
    public var hearingTerms = HearingTerms.standard
    public var writer = Writer.unset
    public var transcriptions = Queue.unset
    public var summaries = Queue.unset
    public var exports = Queue.unset
    public var events = EventBus.unset
    public var issuer = TokenIssuer.unset
    public var signIns = SignIns.unset
    public var turnstile = Turnstile.unset
    /// Where it is found what is said in books.
    public var passages = PassageIndex.unset
    /// The index outside of the records, where there is one.
    public var index: PassageProposals?
    /// What was counted of the catalogue, for as long as this process lives.
    public let facetMemory = FacetMemory()
    /// Whatever else must know of an event before it is handled.
    public var beginnings: [(Invocation) -> Void] = []

    public init(database: Connection, identity: Identification) {
        (self.database, self.identity) = (database, identity)
    }

    /// The real world as far as it is the database, tokens and signed links: nothing that calls anybody.
    ///
    /// - `DATABASE_URL`, `DATABASE_ROLE`: where the shop's records are, and whose rights this function has
    /// - `OIDC_ISSUER`, `OIDC_AUTHORIZED_PARTIES`, `OIDC_AUDIENCE`: whose tokens are believed
    /// - `MEDIA_BUCKET`, `S3_ENDPOINT`, `AWS_…`: where recordings are, for those who sign links to them
    /// - `STORE_URL`, `STORE_CURRENCY`, `STORE_COUNTRY`: where customers find the shop, what it is priced in, and
    ///   where they are unless they say so
    /// - `STORE_NAME`, `STORE_ADDRESS`, `STORE_TAX_ID`: who sells, for receipts
    /// - `GIFT_CODE_SECRETS`: what the codes of gifts are made of, the newest first
    /// - `STRIPE_PUBLISHABLE_KEY`: told to browsers that pay on a page of the shop's own
    public static func live() throws -> Shop {
        let database = Connection(
            try Settings.required("DATABASE_URL"), role: Settings.optional("DATABASE_ROLE"))
        database.watcher = .tracing
        var shop = Shop(database: database, identity: try .live(database))
        shop.turnstile = .live(database)
        shop.passages = .records(database)
        shop.issuerURL = try Settings.required("OIDC_ISSUER")
        if let code = Settings.optional("STORE_CURRENCY") {
            guard let currency = Currency(rawValue: code) else { throw MalformedSetting("STORE_CURRENCY") }
            shop.currency = currency
        }
        if let code = Settings.optional("STORE_COUNTRY") {
            guard let country = Country(rawValue: code) else { throw MalformedSetting("STORE_COUNTRY") }
            shop.country = country
        }
        shop.giftCodes = GiftCodes(secrets: Settings.list("GIFT_CODE_SECRETS"))
        shop.storeURL = Settings.optional("STORE_URL") ?? ""
        shop.seller = .live()
        shop.publishableKey = Settings.optional("STRIPE_PUBLISHABLE_KEY") ?? ""
        if let bucket = Settings.optional("MEDIA_BUCKET") {
            shop.bucket = bucket
            shop.links = try .live(bucket: bucket)
        }
        return shop
    }

    /// No wait of this event may last longer than the event.
    public func begin(_ invocation: Invocation) {
        database.deadline = invocation.deadline
        for begin in beginnings { begin(invocation) }
    }
}
