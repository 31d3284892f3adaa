/// A refusal in the words of RFC 9457: `type` is for programs and never changes, `detail` is for people.
public struct Problem: Error, Equatable, Sendable {
    public var status: Int
    /// In kebab-case, relative to the address of the API.
    public var type: String
    /// The same for every problem of the type; unless given, the type in plain words.
    public var title: String
    public var detail: String
    /// What exactly is wrong with the request, field by field.
    public var errors: [FieldError]
    /// Sent along with the problem, and not a part of it: `Retry-After`, `WWW-Authenticate`.
    public var headers: [String: String]
    /// The path that was asked for, and the name under which the logs know the request; known when it is
    /// sent.
    public var instance: String?
    public var requestID: String?

    public init(
        _ status: Int, _ type: String, _ detail: String, title: String? = nil, errors: [FieldError] = [],
        headers: [String: String] = [:]
    ) {
        let words = type.split(separator: "-").joined(separator: " ")
        self.title = title ?? words.prefix(1).uppercased() + words.dropFirst()
        (self.status, self.type, self.detail) = (status, type, detail)
        (self.errors, self.headers) = (errors, headers)
    }
}

/// One thing that is wrong: at a place in the body, or with a parameter of the query.
public struct FieldError: Hashable, Encodable, Sendable {
    /// The place in the body (RFC 6901): `/items/0/price`; empty for the body as a whole.
    public var pointer: String?
    /// The name of a parameter of the query.
    public var parameter: String?
    public var detail: String

    public init(pointer: String, _ detail: String) { (self.pointer, self.detail) = (pointer, detail) }
    public init(parameter: String, _ detail: String) { (self.parameter, self.detail) = (parameter, detail) }
}

/// An error that is part of the API. Any other is ours: logged in full, told as a bare 500.
public protocol ProblemConvertible: Error {
    var problem: Problem { get }
}

extension Problem: ProblemConvertible {
    public var problem: Problem { self }
}

extension Problem: Encodable {
    private enum CodingKeys: String, CodingKey {
        case type, title, status, detail, instance, requestID = "requestId", errors
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(type, forKey: .type)
        try container.encode(title, forKey: .title)
        try container.encode(status, forKey: .status)
        try container.encode(detail, forKey: .detail)
        try container.encodeIfPresent(instance, forKey: .instance)
        try container.encodeIfPresent(requestID, forKey: .requestID)
        if !errors.isEmpty { try container.encode(errors, forKey: .errors) }
    }
}

extension Problem {
    /// What a stranger is told of an error of ours.
    public static let `internal` = Problem(500, "internal", "Something broke here. Please try again.")

    init(reporting error: any Error) {
        self = (error as? any ProblemConvertible)?.problem ?? .internal
    }
}

extension Response {
    /// A refusal that tells more than its kind does, in members of its own (RFC 9457, section 3.2). It is answered
    /// and not thrown, so that what was written on the way to it stays.
    public init(_ problem: Problem, of request: Request, telling members: some Encodable) throws {
        var problem = problem
        (problem.instance, problem.requestID) = (request.path, request.invocation.id)
        try self.init(
            problem.status, ExtendedProblem(problem: problem, members: members),
            headers: problem.headers.merging(["content-type": "application/problem+json"]) { $1 })
    }
}

private struct ExtendedProblem<Members: Encodable>: Encodable {
    let problem: Problem
    let members: Members

    func encode(to encoder: any Encoder) throws {
        try problem.encode(to: encoder)
        try members.encode(to: encoder)
    }
}
