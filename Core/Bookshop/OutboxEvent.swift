/// A fact written with the change that made it, and delivered later, at least once.
public struct OutboxEvent: Hashable, Sendable {
    public enum Topic: String, CaseIterable, Codable, Sendable {
        case audiobookCreated = "AudiobookCreated"
        case audiobookUpdated = "AudiobookUpdated"
        case uploadReady = "UploadReady"
        case transcriptionCompleted = "TranscriptionCompleted"
        case summaryCompleted = "SummaryCompleted"
        case orderCompleted = "OrderCompleted"
        case paymentProcessed = "PaymentProcessed"
        case lineAlreadyOwned = "LineAlreadyOwned"
        case userProfileUpdated = "UserProfileUpdated"
        case refundProcessed = "RefundProcessed"
        case disputeOpened = "DisputeOpened"
    }

    /// Set by the outbox, in the order of writing.
    public let id: Int
    public let topic: Topic
    /// The entity it is about.
    public let key: String
    /// JSON.
    public let payload: String

    public init(id: Int, topic: Topic, key: String, payload: String) {
        (self.id, self.topic, self.key, self.payload) = (id, topic, key, payload)
    }
}
