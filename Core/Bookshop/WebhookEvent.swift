public import FoundationEssentials

/// A fact told by another service. Its id makes it count once; its bytes are kept as they came.
public struct WebhookEvent: Hashable, Sendable {
    public enum Provider: String, Codable, Sendable { case stripe, identity }
    public enum State: String, CaseIterable, Codable, Sendable { case received, processed, ignored, parked }

    public let provider: Provider
    public let id: String
    public let type: String
    public let apiVersion: String?
    public let isLive: Bool
    /// What it is about, such as `cs_…`.
    public let objectID: String?
    public let createdAt: Date
    public let raw: [UInt8]

    public init(
        provider: Provider, id: String, type: String, apiVersion: String?, isLive: Bool, objectID: String?,
        createdAt: Date, raw: [UInt8]
    ) {
        (self.provider, self.id, self.type) = (provider, id, type)
        (self.apiVersion, self.isLive, self.objectID) = (apiVersion, isLive, objectID)
        (self.createdAt, self.raw) = (createdAt, raw)
    }
}

/// Whether an event was told before.
public enum WebhookReceipt: Hashable, Sendable {
    case first
    /// It was, and this is how far it got: what is still `received` was never finished.
    case again(WebhookEvent.State)
}
