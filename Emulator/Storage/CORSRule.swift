/// As `PutBucketCors` writes it.
/// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html
extension CORSRule {
    private static let methods: Set<String> = ["GET", "PUT", "HEAD", "POST", "DELETE"]

    init(_ element: XMLElement) throws {
        self.init(
            allowedOrigins: element.all("AllowedOrigin").map(\.text),
            allowedMethods: element.all("AllowedMethod").map(\.text),
            allowedHeaders: element.all("AllowedHeader").map(\.text),
            exposedHeaders: element.all("ExposeHeader").map(\.text),
            maximumAgeSeconds: element["MaxAgeSeconds"].flatMap { Int($0) })
        if let method = allowedMethods.first(where: { !Self.methods.contains($0) }) {
            throw S3Error.invalidRequest(
                "Found unsupported HTTP method in CORS config. Unsupported method is \(method)")
        }
        let patterns = allowedOrigins + allowedHeaders
        guard !allowedOrigins.isEmpty, !allowedMethods.isEmpty,
            patterns.allSatisfy({ $0.filter { $0 == "*" }.count <= 1 })
        else { throw S3Error.malformedXML }
    }

    var element: XMLElement {
        var children = allowedOrigins.map { XMLElement("AllowedOrigin", $0) }
        children += allowedMethods.map { XMLElement("AllowedMethod", $0) }
        children += allowedHeaders.map { XMLElement("AllowedHeader", $0) }
        children += exposedHeaders.map { XMLElement("ExposeHeader", $0) }
        if let age = maximumAgeSeconds { children.append(XMLElement("MaxAgeSeconds", String(age))) }
        return XMLElement("CORSRule", children)
    }

    func allows(_ origin: String, _ method: String, headers: [String]) -> Bool {
        allowedOrigins.contains { Self.matches(origin, $0) } && allowedMethods.contains(method)
            && headers.allSatisfy { header in
                allowedHeaders.contains { Self.matches(header, $0.lowercased()) }
            }
    }

    /// One star stands for any text.
    private static func matches(_ text: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return text == pattern }
        return text.utf8.count >= pattern.utf8.count - 1 && text.hasPrefix(parts[0])
            && text.hasSuffix(parts[1])
    }
}
