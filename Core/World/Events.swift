internal import AWS
internal import Core
import FoundationEssentials
internal import HTTP

extension Core.EventBus {
    /// A bus of EventBridge, by its name.
    static func eventBridge(_ name: String, _ send: @escaping Send) throws -> Self {
        let bus = try AWS.EventBus(
            name, endpoint: Settings.optional("AWS_ENDPOINT_URL_EVENTBRIDGE"),
            in: Region(Settings.required("AWS_REGION")), credentials: .live())
        return Self { events in
            let entries = try events.map(BusEntry.init)
            var publications = entries.map { _ in Publication.refused(reason: "too-large") }
            var outage: String?
            for places in AWS.EventBus.batches(of: entries) {
                // A call that failed says nothing of any one of its events, and nothing is asked after it.
                if outage == nil {
                    do {
                        let call = try bus.put(places.map { entries[$0] }, at: AWS.Instant(Date()))
                        for (place, outcome) in zip(places, try call.sent(by: send)) {
                            publications[place] = Publication(outcome)
                        }
                        continue
                    } catch let error as AWSError { outage = "\(error)" }
                }
                for place in places { publications[place] = .putOff(reason: outage ?? "") }
            }
            return publications
        }
    }
}

extension BusEntry {
    private struct Detail: Encodable {
        let id: OutboxEvent.ID
        let key: String
        let payload: JSONDocument
    }

    init(_ event: OutboxEvent) throws {
        let detail = Detail(id: event.id, key: event.key, payload: try JSONDocument(JSONText(event.payload)))
        self.init(
            source: OutboxEvent.source, detailType: event.topic.rawValue,
            detail: try JSONText(encoding: detail).text,
            secondsSince1970: Int(event.createdAt.timeIntervalSince1970.rounded(.down)),
            traceHeader: event.traceHeader)
    }
}

extension Publication {
    /// Only what the event itself is to blame for is final: rights can be given, and an outage ends.
    init(_ outcome: AWS.EventBus.Outcome) {
        self =
            switch outcome {
            case .accepted: .taken
            case .failed(let code) where ["InvalidArgument", "MalformedDetail"].contains(code):
                .refused(reason: code)
            case .failed(let code): .putOff(reason: code)
            }
    }
}
