/// So many in any stretch of so many seconds.
public struct RateLimit: Hashable, Sendable {
    public let most: Int
    public let seconds: Int

    public init(_ most: Int, inSeconds seconds: Int) { (self.most, self.seconds) = (most, seconds) }
}

/// What costs more than it brings when one caller asks for it all the time. What is cheap, the gateway limits.
public enum CostlyRoute: String, CaseIterable, Hashable, Sendable {
    case checkout, orders, payments, promotions, gifts, uploads, export, passages

    /// Of one person who is signed in. Nobody who shops gets near these.
    public var perPerson: RateLimit {
        switch self {
        // Each opens a page at the payment provider, which limits us as a whole.
        case .checkout: RateLimit(30, inSeconds: 60)
        // Cancelling and refreshing ask the provider; a receipt is drawn anew.
        case .orders: RateLimit(60, inSeconds: 60)
        // Stolen cards are tried out where many can be, one after the other.
        case .payments: RateLimit(20, inSeconds: 60)
        // Codes can be guessed.
        case .promotions: RateLimit(10, inSeconds: 60)
        case .gifts: RateLimit(10, inSeconds: 60)
        // A book of many files is uploaded at once; each leaves a row, and room in the storage, behind.
        case .uploads: RateLimit(300, inSeconds: 60)
        // Reads all that there is about somebody, in every table.
        case .export: RateLimit(10, inSeconds: 3600)
        // Looks into every book somebody owns; more than anybody types.
        case .passages: RateLimit(120, inSeconds: 60)
        }
    }

    /// Of one network, where nobody is signed in: behind it there may be many people. A guest's own token does not
    /// count, for a new one costs nothing.
    public var perNetwork: RateLimit { RateLimit(perPerson.most * 5, inSeconds: perPerson.seconds) }
}

/// Who asks, as far as it is counted.
public enum Asker: Hashable, Sendable {
    case person(Principal.ID)
    case network(address: String?)
}

/// Lets so many through, and tells the others when to come again.
public struct Turnstile {
    /// Nothing, or after how many seconds there will be a turn.
    public var waitSeconds: (CostlyRoute, Asker) throws -> Int?
    public init(waitSeconds: @escaping (CostlyRoute, Asker) throws -> Int?) { self.waitSeconds = waitSeconds }
    public static var unset: Turnstile { Turnstile { _, _ in throw Unset("Turnstile.waitSeconds") } }
    /// For whoever tests something else.
    public static var open: Turnstile { Turnstile { _, _ in nil } }
}
