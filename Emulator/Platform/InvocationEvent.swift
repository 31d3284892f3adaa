import Foundation

/// An event on its way to a function.
public struct InvocationEvent: Sendable {
    public var requestID: String
    public var payload: [UInt8]
    /// `Root=…;Parent=…;Sampled=…`.
    public var traceID: String
    /// The trace it belongs to: see `TraceHeader.trace`.
    public var trace: String? { TraceHeader(amazon: traceID)?.trace }
    /// JSON, as the AWS mobile SDK sends it.
    public var clientContext: String?

    /// Where the caller says nothing of a trace, one begins here, which is written down if `isSampled` says so.
    public init(
        payload: [UInt8], requestID: String? = nil, traceID: String? = nil, isSampled: Bool = false,
        clientContext: String? = nil
    ) {
        self.requestID = requestID ?? UUID().uuidString.lowercased()
        self.payload = payload
        self.traceID =
            traceID ?? TraceHeader(root: TraceHeader.newRoot(at: Date()), isSampled: isSampled).full
        self.clientContext = clientContext
    }
}

extension InvocationOutcome {
    /// An error document as the platform itself writes it.
    static func failed(_ type: String, _ message: String, log: [String] = []) -> InvocationOutcome {
        let document =
            #"{"errorType":\#(RuntimeReply.quoted(type)),"errorMessage":\#(RuntimeReply.quoted(message))}"#
        return .functionError(type: type, payload: Array(document.utf8), log: log)
    }

    var errorType: String? {
        guard case .functionError(let type, _, _) = self else { return nil }
        return type
    }

    func logged(_ lines: [String]) -> InvocationOutcome {
        switch self {
        case .response(let payload, _): .response(payload, log: lines)
        case .functionError(let type, let payload, _):
            .functionError(type: type, payload: payload, log: lines)
        case .throttled, .noSuchFunction, .tooLarge: self
        }
    }
}

enum FunctionErrorType {
    /// Only `Runtime.Name` and `Function.Name` are kept, as the platform does.
    static func normalized(_ given: String?) -> String {
        let given = given ?? ""
        for category in ["Runtime.", "Function."] {
            var rest = given[...]
            while let found = rest.range(of: category) {
                rest = rest[found.upperBound...]
                let name = rest.unicodeScalars.prefix(2)
                if name.count == 2, ("A"..."Z").contains(name.first ?? "a"), isLetter(name.last) {
                    return given
                }
            }
        }
        return given.hasPrefix("Function.") ? "Function.Unknown" : "Runtime.Unknown"
    }

    private static func isLetter(_ scalar: Unicode.Scalar?) -> Bool {
        guard let scalar else { return false }
        return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
    }
}
