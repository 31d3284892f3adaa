public import FoundationEssentials

/// A fact that somebody told to a bus, and that a rule led here. It may come more than once.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
public struct BusEvent: Sendable {
    /// The bus's own: who tells an event twice makes two of it.
    public var id: String
    public var source: String
    /// What kind of fact it is: `detail-type`.
    public var topic: String
    public var time: Date
    private let detail: JSON

    /// `detail` is JSON.
    public init(
        id: String = "event", source: String, topic: String, time: Date, detail: String
    ) throws {
        self.init(id, source, topic, time, try JSON(parsing: [UInt8](detail.utf8)))
    }

    private init(_ id: String, _ source: String, _ topic: String, _ time: Date, _ detail: JSON) {
        (self.id, self.source, self.topic) = (id, source, topic)
        (self.time, self.detail) = (time, detail)
    }

    /// What is told, as a value; a `DecodingError` names the place that is wrong.
    public func decoded<Detail: Decodable>(as type: Detail.Type = Detail.self) throws -> Detail {
        try detail.decoded(as: type)
    }
}

extension BusEvent {
    init(_ event: JSON) throws(MalformedEvent) {
        guard let id = event["id"]?.text, let source = event["source"]?.text,
            let topic = event["detail-type"]?.text, let time = try? event["time"]?.decoded(as: Date.self),
            let detail = event["detail"], detail.members != nil
        else { throw MalformedEvent("an event of a bus with an id, a source, a type, a time and a detail") }
        self.init(id, source, topic, time, detail)
    }
}
