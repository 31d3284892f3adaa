import Foundation
import Groundwork
import HTTPTypes
public import Hummingbird
import Template

/// Lambda's own API, as far as calling functions goes: what boto3 and the aws CLI speak with
/// `--endpoint-url`. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
public struct InvokeAPI: Sendable {
    private let host: FunctionHost

    public init(_ host: FunctionHost) {
        self.host = host
    }

    public func router() -> Router<BasicRequestContext> {
        let router = Router()
        addRoutes(to: router)
        return router
    }

    public func addRoutes<Context: RequestContext>(to router: Router<Context>) {
        router.post("/2015-03-31/functions/:name/invocations") { request, context in
            await answer { try await invoke(request, context.parameters.require("name")) }
        }
        router.get("/2015-03-31/functions") { _, _ in await answer { try list() } }
        router.get("/2015-03-31/functions/:name") { request, context in
            await answer { try get(request, context.parameters.require("name")) }
        }
        router.get("/2015-03-31/functions/:name/configuration") { request, context in
            await answer { try configuration(request, context.parameters.require("name")) }
        }
    }

    private func answer(_ body: () async throws -> Response) async -> Response {
        do {
            return try await body()
        } catch let error as InvokeError {
            return error.response
        } catch {
            return InvokeError.service("\(error)").response
        }
    }

    private func invoke(_ request: Request, _ path: String) async throws -> Response {
        let function = try function(request, path)
        let type = request.headers[.invocationType] ?? "RequestResponse"
        guard ["RequestResponse", "Event", "DryRun"].contains(type) else {
            throw InvokeError.parameter(
                "Value '\(type)' at 'invocationType' failed to satisfy constraint: "
                    + "Member must satisfy enum value set: [Event, RequestResponse, DryRun]")
        }
        let limit = type == "Event" ? FunctionHost.asynchronousLimit : FunctionHost.eventLimit
        let payload = try await payload(request, type, limit)
        let event = InvocationEvent(
            payload: payload, traceID: request.headers[.traceID], isSampled: host.configuration.samplesTraces,
            clientContext: try clientContext(request))
        switch type {
        case "DryRun":
            return response(.noContent, event)
        case "Event":
            try await host.enqueue(function.name, event)
            return response(.accepted, event)
        default:
            return try outcome(
                await host.invoke(function.name, event), event, function,
                wantsLog: request.headers[.logType] == "Tail")
        }
    }

    private func outcome(
        _ outcome: InvocationOutcome, _ event: InvocationEvent, _ function: Function, wantsLog: Bool
    ) throws -> Response {
        var result = response(.ok, event)
        result.headers[.contentType] = "application/json"
        result.headers[.executedVersion] = "$LATEST"
        var lines: [String]
        switch outcome {
        case .response(let payload, let log):
            result.body = ResponseBody(byteBuffer: ByteBuffer(bytes: payload))
            lines = log
        case .functionError(_, let payload, let log):
            result.headers[.functionError] = "Unhandled"
            result.body = ResponseBody(byteBuffer: ByteBuffer(bytes: payload))
            lines = log
        case .throttled: throw InvokeError.throttled(reserved: function.concurrencyLimit != nil)
        case .noSuchFunction: throw InvokeError.noSuchFunction(function.arn)
        case .tooLarge:
            throw InvokeError.tooLarge(event.payload.count, "RequestResponse", FunctionHost.eventLimit)
        }
        if wantsLog {
            lines.append("")
            let tail = Array(lines.joined(separator: "\n").utf8.suffix(4_096))
            result.headers[.logResult] = Data(tail).base64EncodedString()
        }
        return result
    }

    private func response(_ status: HTTPResponse.Status, _ event: InvocationEvent) -> Response {
        var headers = HTTPFields()
        headers[.requestID] = event.requestID
        headers[.traceID] = event.traceID
        return Response(status: status, headers: headers)
    }

    /// An oversized event is read to its end, so that its sender hears why it was refused.
    private func payload(_ request: Request, _ type: String, _ limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        var count = 0
        for try await part in request.body {
            count += part.readableBytes
            if count <= limit { bytes.append(contentsOf: part.readableBytesView) }
        }
        guard count <= limit else { throw InvokeError.tooLarge(count, type, limit) }
        guard !bytes.isEmpty else { return Array("{}".utf8) }
        if JSONTree(bytes) != nil { return bytes }
        // Foundation says what is wrong, and takes other encodings.
        do {
            _ = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        } catch {
            throw InvokeError.content("Could not parse request body into json: \(error.localizedDescription)")
        }
        return bytes
    }

    private func clientContext(_ request: Request) throws -> String? {
        guard let encoded = request.headers[.clientContext] else { return nil }
        guard let data = Data(base64Encoded: encoded), let text = String(data: data, encoding: .utf8) else {
            throw InvokeError.content("Client context must be base64 of JSON")
        }
        return text.replacingOccurrences(of: "\r", with: " ").replacingOccurrences(of: "\n", with: " ")
    }

    // MARK: What there is

    private func list() throws -> Response {
        struct List: Encodable {
            var functions: [FunctionDescription]
            enum CodingKeys: String, CodingKey {
                case functions = "Functions"
            }
        }
        return try json(List(functions: host.template.functions.map(FunctionDescription.init)))
    }

    private func get(_ request: Request, _ path: String) throws -> Response {
        struct Answer: Encodable {
            var configuration: FunctionDescription
            enum CodingKeys: String, CodingKey {
                case configuration = "Configuration"
            }
        }
        return try json(Answer(configuration: FunctionDescription(function(request, path))))
    }

    private func configuration(_ request: Request, _ path: String) throws -> Response {
        try json(FunctionDescription(function(request, path)))
    }

    private func json(_ value: some Encodable) throws -> Response {
        let body = try ByteBuffer(bytes: JSONEncoder().encode(value))
        return Response(
            status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
    }

    /// A name, `name:$LATEST`, `account:function:name` or a whole ARN.
    private func function(_ request: Request, _ path: String) throws -> Function {
        let given = path.removingPercentEncoding ?? path
        var parts = given.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if let marker = parts.lastIndex(of: "function"), marker + 1 < parts.count {
            parts.removeFirst(marker + 1)
        }
        let qualifier =
            request.uri.queryParameters["Qualifier"].map(String.init)
            ?? (parts.count > 1 ? parts[1] : nil)
        let place = host.configuration.place
        let name = parts.first ?? given
        guard let function = host.template.function(named: name), parts.count <= 2,
            qualifier == nil || qualifier == "$LATEST"
        else {
            let arn = "arn:aws:lambda:\(place.region):\(place.account):function:\(name)"
            throw InvokeError.noSuchFunction(qualifier.map { "\(arn):\($0)" } ?? arn)
        }
        return function
    }
}
