import HTTP

/// Throws what the service says instead of one of the statuses that were hoped for.
func refuse(_ response: Response, unless statuses: [Int]) throws(AWSError) {
    guard !statuses.contains(response.status) else { return }
    let error = try? XMLElement(response.body)
    let code = error.flatMap { $0.name == "Error" ? $0["Code"] : nil }
    throw .refused(
        status: response.status, code: code ?? (response.status == 404 ? "NotFound" : "Unknown"),
        requestID: response.headers["x-amz-request-id"])
}

/// The document of a 200, whose root says whether it is one: a copy or a completion may take long, so S3
/// sends the status first, blanks to keep the connection, and what came of it last.
func document(_ name: String, of response: Response) throws(AWSError) -> XMLElement {
    try refuse(response, unless: [200])
    let root: XMLElement
    do { root = try XMLElement(response.body) } catch { throw .unreadable(name) }
    if root.name == "Error" {
        throw .refused(
            status: 200, code: root["Code"] ?? "Unknown",
            requestID: root["RequestId"] ?? response.headers["x-amz-request-id"])
    }
    guard root.name == name else { throw .unreadable(name) }
    return root
}

extension Response {
    func text(_ header: String) throws(AWSError) -> String {
        guard let value = headers[header] else { throw .unreadable(header) }
        return value
    }

    func number(_ header: String) throws(AWSError) -> Int { try count(text(header), header) }
}

extension XMLElement {
    func text(_ name: String) throws(AWSError) -> String {
        guard let value = self[name] else { throw .unreadable(name) }
        return value
    }

    func number(_ name: String) throws(AWSError) -> Int { try count(text(name), name) }
}

/// Digits alone: `Int` would take a sign as well.
private func count(_ text: String, _ name: String) throws(AWSError) -> Int {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text) else {
        throw .unreadable(name)
    }
    return number
}
