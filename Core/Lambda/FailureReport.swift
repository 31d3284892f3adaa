internal import FoundationEssentials

/// An error as the platform is told of it. Whoever invoked the function can read this, so an error that is
/// not part of the API is named and nothing more; the log says the rest.
struct FailureReport {
    let type: String
    let message: String

    init(_ error: any Error) {
        type = "Function." + Self.reason(String(describing: Swift.type(of: error)))
        switch error {
        case let known as any ProblemConvertible: message = known.problem.detail
        case is UnknownEvent, is MalformedEvent: message = String(describing: error)
        default: message = "The function failed; its log says why."
        }
    }

    init(reason: String, message: String) { (type, self.message) = ("Function." + reason, message) }

    var headers: [(String, String)] {
        [("Content-Type", "application/json"), ("Lambda-Runtime-Function-Error-Type", type)]
    }

    var body: [UInt8] {
        var json: [UInt8] = []
        json.append(#"{"errorMessage":"#)
        json.appendJSON(message)
        json.append(#","errorType":"#)
        json.appendJSON(type)
        json.append(#","stackTrace":[]}"#)
        return json
    }

    /// The trailers that end a stream whose status is already told.
    var trailers: [UInt8] {
        let body = Data(body).base64EncodedString()
        let type = "Lambda-Runtime-Function-Error-Type: \(type)\r\n"
        return [UInt8](type.utf8) + "Lambda-Runtime-Function-Error-Body: \(body)\r\n".utf8
    }

    /// The platform keeps only types of the form `Function.[A-Z][a-zA-Z]+`; others become `Function.Unknown`.
    private static func reason(_ name: String) -> String {
        let letters = name.unicodeScalars.filter { ("a"..."z").contains($0) || ("A"..."Z").contains($0) }
        let word = String(String.UnicodeScalarView(letters))
        return word.utf8.count < 2 ? "Unknown" : word.prefix(1).uppercased() + word.dropFirst()
    }
}
