import Foundation
import Groundwork

/// One entry of a call, made an event as the bus tells it on.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
struct AcceptedEvent: Sendable {
    let id = UUID().uuidString.lowercased()
    /// The bus's name.
    let bus: String
    let topic: String
    /// With the detail as it was written.
    let text: String
    let tree: JSONTree
    /// X-Ray's; the targets go on with it.
    let traceHeader: String?
    let accepted: Date

    init(_ entry: EntryDocument, on bus: String, of account: String, in region: String, at now: Date)
        throws(EntryFailure)
    {
        func given(_ name: String, _ value: String?) throws(EntryFailure) -> String {
            if let value, !value.isEmpty { return value }
            throw EntryFailure(
                "InvalidArgument", "Parameter \(name) is not valid. Reason: \(name) is a required argument.")
        }
        let (source, topic) = (try given("Source", entry.source), try given("DetailType", entry.detailType))
        let detail = try given("Detail", entry.detail)
        guard !source.hasPrefix("aws.") else {
            throw EntryFailure("NotAuthorizedForSourceException", "Not authorized for the source.")
        }
        guard JSONTree(detail)?.isObject == true else {
            throw EntryFailure("MalformedDetail", "Detail is malformed.")
        }
        let time = entry.time.map { Date(timeIntervalSince1970: $0) } ?? now
        let members: [(String, String)] = [
            ("version", #""0""#), ("id", Self.quoted(id)), ("detail-type", Self.quoted(topic)),
            ("source", Self.quoted(source)), ("account", Self.quoted(account)),
            ("time", Self.quoted(time.formatted(.iso8601))), ("region", Self.quoted(region)),
            ("resources", "[" + (entry.resources ?? []).map(Self.quoted).joined(separator: ",") + "]"),
            ("detail", detail),
        ]
        text = "{" + members.map { #""\#($0)":\#($1)"# }.joined(separator: ",") + "}"
        guard let tree = JSONTree(text) else { throw EntryFailure("MalformedDetail", "Detail is malformed.") }
        (self.bus, self.topic, self.tree) = (bus, topic, tree)
        (traceHeader, accepted) = (entry.traceHeader, now)
    }

    private static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        // A text always has a JSON form.
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? #""""#
    }
}

/// An entry as it was sent.
struct EntryDocument: Decodable {
    let time: Double?
    let source: String?
    let detailType: String?
    let detail: String?
    let resources: [String]?
    let eventBusName: String?
    let traceHeader: String?

    enum CodingKeys: String, CodingKey {
        case time = "Time"
        case source = "Source"
        case detailType = "DetailType"
        case detail = "Detail"
        case resources = "Resources"
        case eventBusName = "EventBusName"
        case traceHeader = "TraceHeader"
    }

    /// As the platform counts.
    /// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
    var byteCount: Int {
        let texts = [source, detailType, detail].compactMap(\.self) + (resources ?? [])
        return texts.reduce(time == nil ? 0 : 14) { $0 + $1.utf8.count }
    }
}

/// Why one entry of a call was not taken.
struct EntryFailure: Error {
    let code: String
    let message: String

    init(_ code: String, _ message: String) { (self.code, self.message) = (code, message) }
}
