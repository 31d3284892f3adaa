/// How a call to the outside failed, as far as the shop must know to go on. Adapters say no more: never
/// a body, a value or a secret.
public struct OutsideFailure: Error, Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// It was understood and will not be done, however often it is asked.
        case refused
        /// Not now; it may be asked again after so many seconds.
        case throttled(retryAfterSeconds: Int)
        /// It was not done: it may be asked again.
        case unavailable
        /// Nobody knows whether it was done.
        case undecided
    }

    public let service: String
    public let kind: Kind
    /// The service's own word for it, such as `card_declined`.
    public let code: String?
    public let reason: String

    /// Whether it may have been done, and so paid for, all the same.
    public var mayBeCharged: Bool { kind == .undecided || code.map(Self.unreadable.contains) ?? false }
    /// What was answered is not what the service's own description says.
    public static let wrongShape = "wrong-shape", noTimes = "no-times"
    private static let unreadable: Set = [wrongShape, noTimes]

    public init(_ service: String, _ kind: Kind, code: String? = nil, reason: String) {
        (self.service, self.kind, self.code, self.reason) = (service, kind, code, reason)
    }
}

/// What a port's closure throws when a test has not said what it answers.
public struct Unset: Error, Equatable, CustomStringConvertible {
    public let name: String
    public init(_ name: String) { self.name = name }
    public var description: String { "\(name) is not set" }
}
