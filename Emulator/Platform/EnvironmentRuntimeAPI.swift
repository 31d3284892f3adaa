import NIOCore
import NIOHTTP1
import Template

/// The runtime API of one environment, as Lambda's documentation and its own runtime interface emulator
/// define it: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
extension ExecutionEnvironment {
    func opened(_ connection: RuntimeConnection) {
        guard phase != .gone, !isRestarting else { return connection.close() }
        connections[ObjectIdentifier(connection)] = connection
    }

    func closed(_ connection: RuntimeConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if parked === connection { parked = nil }
        for index in extensions.indices where extensions[index].parked === connection {
            extensions[index].parked = nil
        }
    }

    func receive(_ request: RuntimeRequest, from connection: RuntimeConnection) {
        guard phase != .gone, !isRestarting else { return connection.close() }
        let path = request.head.uri.split(separator: "?", maxSplits: 1).first ?? ""
        let parts = path.split(separator: "/")
        let method = request.head.method
        switch (parts.first, parts.count) {
        case ("2018-06-01", 4) where parts[1] == "runtime" && parts[2] == "invocation" && parts[3] == "next":
            guard method == .GET else { return connection.reply(Self.wrongMethod) }
            poll(connection)
        case ("2018-06-01", 5) where parts[1] == "runtime" && parts[2] == "invocation":
            guard method == .POST else { return connection.reply(Self.wrongMethod) }
            guard parts[4] == "response" || parts[4] == "error" else {
                return connection.reply(Self.notFound)
            }
            connection.reply(answer(String(parts[3]), request, isError: parts[4] == "error"))
        case ("2018-06-01", 4) where parts[1] == "runtime" && parts[2] == "init" && parts[3] == "error":
            guard method == .POST else { return connection.reply(Self.wrongMethod) }
            connection.reply(failInit(request))
        case ("2020-01-01", 3...) where parts[1] == "extension":
            callExtension(parts.dropFirst(2).joined(separator: "/"), request, connection)
        case ("2020-08-15", 2) where parts[1] == "logs", ("2022-07-01", 2) where parts[1] == "telemetry":
            // What Lambda's own emulator says, so that agents which subscribe go on without.
            connection.reply(.refused(202, "Telemetry.NotSupported", "Telemetry API is not supported"))
        default:
            connection.reply(Self.notFound)
        }
    }

    private static let notFound = RuntimeReply.refused(404, "NotFound", "no such resource")
    private static let wrongMethod = RuntimeReply.refused(405, "MethodNotAllowed", "method not allowed")

    private var stateName: String {
        switch phase {
        case .unstarted, .starting: initError == nil ? "Started" : "InitError"
        case .ready: "Ready"
        case .running: "Running"
        case .answered, .gone: "ResponseSent"
        }
    }

    private func poll(_ connection: RuntimeConnection) {
        guard initError == nil else { return connection.reply(.wrongState(stateName, "Ready")) }
        if let parked, parked !== connection { parked.close() }
        parked = connection
        switch phase {
        case .running: sendEvent()
        case .starting, .answered: settle()
        case .unstarted, .ready, .gone: break
        }
    }

    /// A phase ends when the runtime and every extension that wants events have polled.
    func settle() {
        guard parked != nil, extensions.allSatisfy({ !$0.wantsEvents || $0.parked != nil }) else { return }
        switch phase {
        case .starting: started()
        case .answered: rest()
        case .unstarted, .ready, .running, .gone: break
        }
    }

    private func answer(_ requestID: String, _ request: RuntimeRequest, isError: Bool) -> RuntimeReply {
        let wanted = isError ? "InvocationErrorResponse" : "InvocationResponse"
        guard phase == .running, let event = work?.event, event.requestID == requestID else {
            return requestID == refusedID ? .wrongState(stateName, wanted) : .invalidRequestID
        }
        let headers = request.head.headers
        let mode = headers.first(name: "Lambda-Runtime-Function-Response-Mode") ?? ""
        guard isError || mode.isEmpty || request.isStreaming else {
            refusedID = requestID
            finish(.failed("Runtime.InvalidResponseModeHeader", "Invalid function response mode: \(mode)"))
            return .refused(400, "InvalidFunctionResponseMode", "Invalid function response mode")
        }
        guard !request.isTooLarge else {
            refusedID = requestID
            let limit = RuntimeConnection.answerLimit
            finish(
                .failed(
                    "Function.ResponseSizeTooLarge",
                    "Response payload size exceeded maximum allowed payload size (\(limit) bytes)."))
            return .refused(
                413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (\(limit) bytes).")
        }
        let payload = Array(request.body.readableBytesView)
        if isError {
            let type = headers.first(name: "Lambda-Runtime-Function-Error-Type")
            finish(
                .functionError(type: FunctionErrorType.normalized(type), payload: payload, log: []))
        } else {
            if let type = request.trailers?.first(name: "Lambda-Runtime-Function-Error-Type") {
                log.add("The stream ended with \(FunctionErrorType.normalized(type)).", isFromPlatform: true)
            }
            finish(.response(payload, log: []))
        }
        return .accepted()
    }

    /// The connection broke while an answer was being sent.
    func truncated(_ head: HTTPRequestHead) {
        let parts = head.uri.split(separator: "/")
        guard phase == .running, let requestID = work?.event.requestID, parts.count == 5,
            parts[3] == requestID, parts[4] == "response"
        else { return }
        refusedID = requestID
        finish(.failed("Runtime.TruncatedResponse", "The function's answer was cut off."))
    }

    private func failInit(_ request: RuntimeRequest) -> RuntimeReply {
        guard phase == .starting, initError == nil else { return .wrongState(stateName, "InitError") }
        let type = request.head.headers.first(name: "Lambda-Runtime-Function-Error-Type")
        initError = .functionError(
            type: FunctionErrorType.normalized(type), payload: Array(request.body.readableBytesView), log: [])
        // A runtime exits now; one that does not is made to.
        let failing = process
        loop.scheduleTask(in: .seconds(2)) { failing?.signal(9) }
        return .accepted()
    }
}
