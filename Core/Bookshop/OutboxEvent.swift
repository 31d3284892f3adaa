public import FoundationEssentials

/// A fact written with the change that made it, and delivered later, at least once.
public struct OutboxEvent: Hashable, Sendable {
    public typealias ID = Int

    public enum Topic: String, CaseIterable, Codable, Sendable {
        case audiobookCreated = "AudiobookCreated"
        case audiobookUpdated = "AudiobookUpdated"
        case uploadReady = "UploadReady"
        case uploadStalled = "UploadStalled"
        case transcriptionCompleted = "TranscriptionCompleted"
        case summaryCompleted = "SummaryCompleted"
        case orderCompleted = "OrderCompleted"
        case paymentProcessed = "PaymentProcessed"
        case lineAlreadyOwned = "LineAlreadyOwned"
        case userProfileUpdated = "UserProfileUpdated"
        case refundProcessed = "RefundProcessed"
        case disputeOpened = "DisputeOpened"
    }

    public enum State: String, CaseIterable, Codable, Sendable {
        case waiting, published
        /// The bus would never take it: it waits for a person.
        case parked
    }

    /// Who tells, to whoever listens.
    public static let source = "earshelf"

    /// Set by the outbox, in the order of writing. Told twice, an event has one and the same.
    public let id: ID
    public let topic: Topic
    /// The entity it is about.
    public let key: String
    /// JSON.
    public let payload: String
    /// When it became true.
    public let createdAt: Date
    /// The trace in which it was written, as X-Ray's header.
    public let traceHeader: String?

    public init(
        id: ID, topic: Topic, key: String, payload: String, createdAt: Date, traceHeader: String? = nil
    ) {
        (self.id, self.topic, self.key, self.payload) = (id, topic, key, payload)
        (self.createdAt, self.traceHeader) = (createdAt, traceHeader)
    }
}
