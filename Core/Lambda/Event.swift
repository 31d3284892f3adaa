/// What can happen to a function, told apart by shape.
enum Event {
    case http(HTTPEvent)
    case storage([JSON])
    /// The storage tries out a notification when it is configured.
    case storageTest
    case queue([JSON])
    case schedule(JSON)
    case bus(JSON)
    case other

    init(_ event: JSON) {
        if let request = HTTPEvent(event) {
            self = .http(request)
        } else if let records = event["Records"]?.elements, let source = records.first?["eventSource"]?.text {
            switch source {
            case "aws:s3": self = .storage(records)
            case "aws:sqs": self = .queue(records)
            default: self = .other
            }
        } else if event["Event"]?.text == "s3:TestEvent" {
            self = .storageTest
        } else if event["detail-type"]?.text == "Scheduled Event" {
            self = .schedule(event)
        } else if event["detail-type"]?.text != nil, event["source"]?.text != nil {
            self = .bus(event)
        } else {
            self = .other
        }
    }
}

/// An event that none of the function's triggers takes.
struct UnknownEvent: Error, CustomStringConvertible {
    var description: String { "None of the triggers of this function takes an event of this shape." }
}

/// An event of a known kind that lacks what the kind promises.
struct MalformedEvent: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ expected: String) { description = "Expected \(expected)." }
}
