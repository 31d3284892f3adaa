extension Request {
    /// The body as a value. What is wrong with it is told by the place where it stands.
    ///
    /// A body of more than `limit` bytes is refused: only uploads are large, and they go to the storage.
    public func decoded<Body: Decodable>(
        as type: Body.Type = Body.self, limit: Int = 1_048_576
    ) throws(Problem) -> Body {
        try requireJSON()
        guard body.count <= limit else {
            throw Problem(413, "body-too-large", "The body may have \(limit) bytes at most.")
        }
        guard !body.isEmpty else {
            throw Self.malformed(FieldError(pointer: "", "Expected JSON, found nothing."))
        }
        let json: JSON
        do { json = try JSON(parsing: body) } catch {
            let place = "This is not JSON: at byte \(error.offset), \(error.expected) is expected."
            throw Self.malformed(FieldError(pointer: "", place))
        }
        do { return try json.decoded(as: type) } catch let error as DecodingError {
            throw Self.malformed(FieldError(error))
        } catch {
            if let known = error as? any ProblemConvertible { throw known.problem }
            throw Self.malformed(FieldError(pointer: "", "It breaks a rule."))
        }
    }

    /// A body of no declared type is taken for JSON.
    private func requireJSON() throws(Problem) {
        guard let declared = headers["content-type"] else { return }
        let type = declared.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        guard type == "application/json" || type.hasPrefix("application/") && type.hasSuffix("+json") else {
            throw Problem(
                415, "unsupported-media-type", "Send the body as application/json.",
                headers: ["accept": "application/json"])
        }
    }

    private static func malformed(_ error: FieldError) -> Problem {
        Problem(400, "malformed-body", "The body is not the JSON expected here.", errors: [error])
    }
}

extension FieldError {
    init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self.init(pointer: jsonPointer(context.codingPath + [key]), "It is required.")
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            self.init(pointer: jsonPointer(context.codingPath), inWords(context.debugDescription))
        @unknown default:
            self.init(pointer: "", "It is not what is expected here.")
        }
    }
}

/// RFC 6901, section 3.
private func jsonPointer(_ path: [any CodingKey]) -> String {
    path.map { key in
        "/"
            + (key as? JSONKey ?? JSONKey(stringValue: key.stringValue)).stringValue
            .replacing("~", with: "~0").replacing("/", with: "~1")
    }.joined()
}

/// The standard library's words for an unknown case of an enum name types of Swift, which are nobody's
/// business: `Cannot initialize Kind from invalid String value paperback`.
private func inWords(_ description: String) -> String {
    guard description.hasPrefix("Cannot initialize "), let value = description.firstRange(of: " value ")
    else {
        return description
    }
    return "“\(description[value.upperBound...].prefix(64))” is not one of the values known here."
}
