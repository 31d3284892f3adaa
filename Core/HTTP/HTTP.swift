/// One HTTP request, as a value: it can be compared, printed and held against a snapshot before anything is
/// sent.
public struct Request: Hashable, Sendable {
    public var method: String
    public var url: String
    public var headers: [Header]
    public var body: [UInt8]
    /// The longest this request may take, all of its attempts together. The event's own deadline may shorten
    /// it.
    public var timeoutMilliseconds: Int
    /// Whether sending it again after a failure does no harm (RFC 9110, section 9.2.2, or an idempotency
    /// key).
    public var repeatable: Bool

    public init(
        _ method: String, _ url: String, headers: [Header] = [], body: [UInt8] = [],
        timeoutMilliseconds: Int = 10_000, repeatable: Bool
    ) {
        (self.method, self.url, self.headers, self.body) = (method, url, headers, body)
        (self.timeoutMilliseconds, self.repeatable) = (timeoutMilliseconds, repeatable)
    }
}

/// A header field as it goes over the wire.
public struct Header: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
}

extension Request: CustomStringConvertible {
    /// The request as text, credentials blacked out, for snapshots and for people.
    public var description: String {
        let lines = headers.map { header in
            let secret = header.name.lowercased() == "authorization"
            return "\(header.name): \(secret ? "•••" : header.value)"
        }
        return (["\(method) \(url)"] + lines).joined(separator: "\n") + "\n\n"
            + String(decoding: body, as: UTF8.self)
    }
}

public struct Response: Hashable, Sendable {
    public let status: Int
    /// By lower-case name; fields that came twice are joined by a comma and a blank (RFC 9110, section 5.3).
    public let headers: [String: String]
    public let body: [UInt8]

    public init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }
}

/// Why there is no answer. It names neither the body nor a credential, for it ends in a log.
public struct Failure: Error, Equatable, Sendable {
    public enum Kind: Sendable { case timeout, connect, tls, tooLarge, other }
    public let kind: Kind
    public let reason: String

    public init(_ kind: Kind, _ reason: String) { (self.kind, self.reason) = (kind, reason) }
}

/// Sends a request and waits for the answer. An answer of any status is an answer.
public typealias Send = (Request) throws(Failure) -> Response
