/// Who signs. It prints as the key's name alone.
public struct Credentials: Sendable, CustomStringConvertible, CustomReflectable {
    public let accessKeyID: String
    let secretAccessKey: String
    /// Of a role's short-lived keys: what they sign dies with them, however long it was to last.
    let sessionToken: String?

    /// Whatever stands in a secret is taken; an empty one signs nothing that proves anything.
    public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil)
        throws(SigningError)
    {
        guard !accessKeyID.isEmpty, !secretAccessKey.isEmpty else { throw .emptyCredentials }
        (self.accessKeyID, self.secretAccessKey) = (accessKeyID, secretAccessKey)
        self.sessionToken = sessionToken.flatMap { $0.isEmpty ? nil : $0 }
    }

    public var description: String { "Credentials(\(accessKeyID))" }
    public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}

/// `eu-central-1`
public struct Region: Hashable, Sendable {
    public let name: String

    public init(_ name: String) throws(SigningError) {
        let isName = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        guard isName, !name.isEmpty, name.utf8.count <= 63 else { throw .malformedRegion }
        self.name = name
    }

    /// Where the region's services live.
    var domain: String { name.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com" }
}

/// Why nothing was signed. The values stay out of it: they may be another's.
public enum SigningError: Error, Equatable, Sendable {
    case emptyCredentials
    case malformedRegion
    case malformedBucket
    case malformedEndpoint
    /// Empty, longer than 1,024 bytes, or with a `.` or `..` that browsers and proxies would resolve.
    case malformedKey
    /// A header's value that cannot go over the wire as it is.
    case malformedHeader(String)
    /// Not within 1 second and 7 days, all that the service accepts.
    case expiry(seconds: Int)
    /// A part's number is 1 to 10,000.
    case partNumber(Int)
}
