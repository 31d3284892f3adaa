struct EntriesParameters: Encodable {
    struct Entry: Encodable {
        let source: String
        let detailType: String
        let detail: String
        let time: Int
        let bus: String
        let traceHeader: String?

        init(_ entry: BusEntry, bus: String) {
            (source, detailType, detail) = (entry.source, entry.detailType, entry.detail)
            (time, self.bus, traceHeader) = (entry.secondsSince1970, bus, entry.traceHeader)
        }

        enum CodingKeys: String, CodingKey {
            case source = "Source"
            case detailType = "DetailType"
            case detail = "Detail"
            case time = "Time"
            case bus = "EventBusName"
            case traceHeader = "TraceHeader"
        }
    }

    let entries: [Entry]

    enum CodingKeys: String, CodingKey { case entries = "Entries" }
}

struct EntriesAnswer: Decodable {
    struct Entry: Decodable {
        let id: String?
        let code: String?

        enum CodingKeys: String, CodingKey {
            case id = "EventId"
            case code = "ErrorCode"
        }

        var outcome: EventBus.Outcome? {
            switch (id, code) {
            case (let id?, nil): .accepted(id: id)
            case (nil, let code?): .failed(code: code)
            default: nil
            }
        }
    }

    let failures: Int
    let entries: [Entry]

    enum CodingKeys: String, CodingKey {
        case failures = "FailedEntryCount"
        case entries = "Entries"
    }
}
