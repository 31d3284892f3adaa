/// A refusal in SQS's words: the name its JSON protocol has, and the code of its older one, which clients
/// still tell errors by.
public struct QueueError: Error, Hashable, Sendable {
    public let name: String
    public let code: String
    public let message: String

    init(_ name: String, code: String? = nil, _ message: String) {
        (self.name, self.code, self.message) = (name, code ?? name, message)
    }

    static var noSuchQueue: QueueError {
        QueueError(
            "QueueDoesNotExist", code: "AWS.SimpleQueueService.NonExistentQueue",
            "The specified queue does not exist.")
    }

    static var nameExists: QueueError {
        QueueError(
            "QueueNameExists", code: "QueueAlreadyExists",
            "A queue already exists with the same name and a different value for an attribute.")
    }

    static func invalid(_ reason: String) -> QueueError { QueueError("InvalidParameterValue", reason) }

    static func missing(_ name: String) -> QueueError {
        QueueError("MissingParameter", "The request must contain the parameter \(name).")
    }

    static func invalidReceipt(_ receipt: String) -> QueueError {
        QueueError(
            "ReceiptHandleIsInvalid", "The input receipt handle \"\(receipt)\" is not a valid receipt handle."
        )
    }

    static var notInFlight: QueueError {
        QueueError(
            "MessageNotInflight", code: "AWS.SimpleQueueService.MessageNotInflight",
            "The message referred to is not in flight.")
    }

    static func tooLong(_ limit: Int) -> QueueError {
        invalid("One or more parameters are invalid. Reason: Message must be shorter than \(limit) bytes.")
    }

    static func invalidAttribute(_ name: String) -> QueueError {
        QueueError("InvalidAttributeName", "Unknown Attribute \(name).")
    }

    static func invalidValue(_ name: String) -> QueueError {
        QueueError("InvalidAttributeValue", "Invalid value for the parameter \(name).")
    }
}
