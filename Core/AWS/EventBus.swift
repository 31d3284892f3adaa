import HTTP

/// One bus of EventBridge, spoken to in its JSON protocol. It only makes signed requests; sending is another's.
/// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
public struct EventBus: Sendable {
    public let name: String
    private let service: JSONService

    /// Without an endpoint, the region's own.
    public init(
        _ name: String, endpoint: String? = nil, in region: Region, credentials: Credentials
    ) throws(SigningError) {
        let url = endpoint ?? "https://events.\(region.name).\(region.domain)"
        guard let location = Location(url), location.query.isEmpty else { throw .malformedEndpoint }
        self.name = name
        service = JSONService(
            location, target: "AWSEvents", version: "1.1", Signer(.events, in: region, by: credentials))
    }

    /// What came of an entry.
    public enum Outcome: Hashable, Sendable {
        case accepted(id: String)
        case failed(code: String)
    }

    /// Answers what came of each entry, in their order. At least once: a repeated call tells all of them again.
    public func put(_ entries: [BusEntry], at instant: Instant) throws(SigningError) -> Call<[Outcome]> {
        precondition(
            Self.batches(of: entries) == [Array(entries.indices)],
            "A call takes 1 to 10 entries of less than 256 KB together.")
        let body = EntriesParameters(entries: entries.map { .init($0, bus: name) }).json
        return try service.call(
            "PutEvents", body, repeatable: true, timeoutMilliseconds: 10_000, at: instant
        ) { (bytes) throws(AWSError) in
            let answer = try decoded(bytes, as: EntriesAnswer.self)
            let outcomes = answer.entries.compactMap(\.outcome)
            let failures = outcomes.count { if case .failed = $0 { true } else { false } }
            // An entry of which nothing is said may be lost.
            guard outcomes.count == entries.count, failures == answer.failures
            else { throw .unreadable("PutEvents") }
            return outcomes
        }
    }

    /// The places of entries that go in one call each, in order. An entry that is too large is in none.
    public static func batches(of entries: [BusEntry]) -> [[Int]] {
        var batches: [[Int]] = []
        var bytes = 0
        for (place, entry) in entries.enumerated() where entry.byteCount < BusEntry.limitBytes {
            bytes += entry.byteCount
            if let last = batches.last, last.count < 10, bytes < BusEntry.limitBytes {
                batches[batches.count - 1].append(place)
            } else {
                batches.append([place])
                bytes = entry.byteCount
            }
        }
        return batches
    }
}

/// What is told: an event before the bus has given it a name.
public struct BusEntry: Hashable, Sendable {
    public let source: String
    public let detailType: String
    /// A JSON object.
    public let detail: String
    public let secondsSince1970: Int
    /// X-Ray's: whoever is told goes on with that trace. It does not weigh.
    public let traceHeader: String?

    public init(
        source: String, detailType: String, detail: String, secondsSince1970: Int,
        traceHeader: String? = nil
    ) {
        (self.source, self.detailType, self.detail) = (source, detailType, detail)
        (self.secondsSince1970, self.traceHeader) = (secondsSince1970, traceHeader)
    }

    /// A call's entries must weigh less.
    public static let limitBytes = 256 << 10

    /// As the service counts: 14 for the time, and the texts in UTF-8.
    /// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
    public var byteCount: Int { 14 + source.utf8.count + detailType.utf8.count + detail.utf8.count }
}
