/// A key pair that may sign requests.
public struct AccessKey: Sendable {
    public let id: String
    public let secret: Secret
    /// Demanded of every request when the key is a temporary one.
    public let sessionToken: String?

    public init(id: String, secret: String, sessionToken: String? = nil) {
        self.id = id
        self.secret = Secret(secret)
        self.sessionToken = sessionToken
    }

    /// Prints as nothing: a log line must not hold it.
    public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
        let text: String

        init(_ text: String) { self.text = text }

        public var description: String { "‹secret›" }
        public var debugDescription: String { description }
    }
}
