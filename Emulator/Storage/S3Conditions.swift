import Foundation
import Groundwork
import HTTPTypes

/// Quoted or not, weak or not: S3 takes an entity tag however it is written.
private func entityTags(_ text: String) -> [String] {
    text.split(separator: ",").map { tag in
        var tag = tag.drop { $0 == " " }
        if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
        return tag.filter { $0 != "\"" && $0 != " " }
    }
}

extension WriteCondition {
    init(_ arrival: Arrival) throws(S3Error) {
        if let text = arrival.header("if-none-match") {
            guard text == "*" else { throw .notImplemented("If-None-Match") }
            mustBeNew = true
        }
        etags = arrival.header("if-match").map(entityTags) ?? []
    }
}

/// When an object is to be read at all (RFC 9110, section 13.2.2). Copies ask the same of their source, under
/// names that begin otherwise.
struct ReadCondition {
    private let match: [String]?
    private let noneMatch: [String]?
    private let modifiedSince: Date?
    private let unmodifiedSince: Date?

    enum Outcome: Equatable { case holds, notModified, fails(String) }

    init(_ arrival: Arrival, prefix: String = "") {
        match = arrival.header(prefix + "if-match").map(entityTags)
        noneMatch = arrival.header(prefix + "if-none-match").map(entityTags)
        modifiedSince = arrival.header(prefix + "if-modified-since").flatMap(Timestamp.http)
        unmodifiedSince = arrival.header(prefix + "if-unmodified-since").flatMap(Timestamp.http)
    }

    func outcome(_ record: ObjectRecord) -> Outcome {
        let holds = { (tags: [String]) in tags.contains { $0 == "*" || $0 == record.etag } }
        let modified = Date(timeIntervalSince1970: record.modified.timeIntervalSince1970.rounded(.down))
        if let match {
            if !holds(match) { return .fails("If-Match") }
        } else if let unmodifiedSince, modified > unmodifiedSince {
            return .fails("If-Unmodified-Since")
        }
        if let noneMatch {
            if holds(noneMatch) { return .notModified }
        } else if let modifiedSince, modified <= modifiedSince {
            return .notModified
        }
        return .holds
    }

    /// `If-Range`: only of the object the client has part of already.
    static func rangeHolds(_ arrival: Arrival, _ record: ObjectRecord) -> Bool {
        guard let text = arrival.header("if-range") else { return true }
        return entityTags(text).contains(record.etag) || text == Timestamp.http(record.modified)
    }
}

/// One range of bytes. S3 answers what it cannot read, or several ranges, with the whole object.
struct ByteRange: Equatable {
    private let first: Int?
    private let last: Int?

    init?(_ text: String) {
        guard text.hasPrefix("bytes=") else { return nil }
        let ends = text.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        let numbers = ends.map { PayloadPlan.count($0.filter { $0 != " " }) }
        guard zip(ends, numbers).allSatisfy({ $0.isEmpty || $1 != nil }) else { return nil }
        (first, last) = (numbers[0], numbers[1])
        guard first != nil || last != nil else { return nil }
        if let first, let last, last < first { return nil }
    }

    /// Nil when none of the bytes asked for is there.
    func within(_ count: Int) -> Range<Int>? {
        guard let first else {
            guard let last, last > 0, count > 0 else { return nil }
            return max(0, count - last)..<count
        }
        guard first < count else { return nil }
        guard let last, last < count - 1 else { return first..<count }
        return first..<(last + 1)
    }
}

extension ObjectAttributes {
    private static let mostMetadataBytes = 2048

    init(_ arrival: Arrival) throws(S3Error) {
        try self.init { name in
            arrival.header(name)
        } names: {
            arrival.headers.map(\.name)
        }
    }

    /// From headers or from the fields of a form.
    init(value: (String) -> String?, names: () -> [String]) throws(S3Error) {
        for name in Self.headerNames {
            guard var text = value(name) else { continue }
            if name == "content-encoding" {
                let codings = text.split(separator: ",").map { $0.filter { $0 != " " } }
                text = codings.filter { $0 != "aws-chunked" }.joined(separator: ",")
            }
            if !text.isEmpty { headers[name] = text }
        }
        for name in names() where name.hasPrefix("x-amz-meta-") {
            metadata[String(name.dropFirst(11))] = value(name)
        }
        let bytes = metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard bytes <= Self.mostMetadataBytes else {
            throw S3Error(
                .badRequest, "MetadataTooLarge",
                "Your metadata headers exceed the maximum allowed metadata size",
                [("Size", String(bytes)), ("MaxSizeAllowed", String(Self.mostMetadataBytes))])
        }
    }
}
