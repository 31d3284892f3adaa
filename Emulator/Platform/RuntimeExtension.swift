import Foundation
import NIOCore
import NIOHTTP1
import Template

/// An internal extension: part of the runtime's own process, which registered to be told of events, or only
/// to be ended with SIGTERM instead of SIGKILL.
struct RuntimeExtension {
    var id: String
    var name: String
    var wantsEvents: Bool
    var parked: RuntimeConnection?
    /// The id of the event it was told last.
    var told: String?
}

/// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
extension ExecutionEnvironment {
    private static let mostExtensions = 10

    func callExtension(_ call: String, _ request: RuntimeRequest, _ connection: RuntimeConnection) {
        switch (request.head.method, call) {
        case (.POST, "register"):
            connection.reply(register(request))
        case (.GET, "event/next"):
            guard let index = identified(request, connection) else { return }
            extensions[index].parked = connection
            if phase == .running { tellExtension(at: index) }
            settle()
        case (.POST, "init/error"), (.POST, "exit/error"):
            guard identified(request, connection) != nil else { return }
            connection.reply(.accepted())
        default:
            connection.reply(.refused(404, "NotFound", "no such resource"))
        }
    }

    private struct Registration: Decodable {
        var events: [String]?
    }

    private func register(_ request: RuntimeRequest) -> RuntimeReply {
        guard let name = request.head.headers.first(name: "Lambda-Extension-Name"), !name.isEmpty else {
            return .refused(403, "Extension.InvalidExtensionName", "Empty extension name")
        }
        let body = Data(request.body.readableBytesView)
        guard let registration = try? JSONDecoder().decode(Registration.self, from: body) else {
            return .refused(403, "InvalidRequestFormat", "the body is not JSON with a list of events")
        }
        let events = registration.events ?? []
        if let event = events.first(where: { $0 != "INVOKE" }) {
            let reason =
                event == "SHUTDOWN"
                ? "ShutdownEventNotSupportedForInternalExtension" : "ErrInvalidEventType"
            return .refused(403, "Extension.InvalidEventType", "\(event): \(reason)")
        }
        guard phase == .starting else {
            return .refused(
                403, "Extension.RegistrationClosed", "Extension registration closed already")
        }
        guard !extensions.contains(where: { $0.name == name }) else {
            return .refused(
                403, "Extension.InvalidExtensionState", "Extension with this name already registered")
        }
        guard extensions.count < Self.mostExtensions else {
            return .refused(
                403, "Extension.TooManyExtensions", "Extension limit (\(Self.mostExtensions)) reached")
        }
        let id = UUID().uuidString.lowercased()
        extensions.append(RuntimeExtension(id: id, name: name, wantsEvents: !events.isEmpty))
        return registered(id, request)
    }

    private func registered(_ id: String, _ request: RuntimeRequest) -> RuntimeReply {
        let quoted = RuntimeReply.quoted
        var fields = [
            #""functionName":\#(quoted(function.name))"#, #""functionVersion":"$LATEST""#,
            #""handler":\#(quoted(function.template.handler))"#,
        ]
        let features = request.head.headers[canonicalForm: "Lambda-Extension-Accept-Feature"]
        if features.contains("accountId") {
            fields.append(#""accountId":\#(quoted(function.settings.place.account))"#)
        }
        let headers = [("Content-Type", "application/json"), ("Lambda-Extension-Identifier", id)]
        let body = ByteBuffer(string: "{\(fields.joined(separator: ","))}")
        return RuntimeReply(status: 200, headers: headers, body: body)
    }

    private func identified(_ request: RuntimeRequest, _ connection: RuntimeConnection) -> Int? {
        guard let id = request.head.headers.first(name: "Lambda-Extension-Identifier"), !id.isEmpty else {
            let reason = "Missing Lambda-Extension-Identifier header"
            connection.reply(.refused(403, "Extension.MissingExtensionIdentifier", reason))
            return nil
        }
        guard UUID(uuidString: id) != nil else {
            let reason = "Invalid Lambda-Extension-Identifier"
            connection.reply(.refused(403, "Extension.InvalidExtensionIdentifier", reason))
            return nil
        }
        guard let index = extensions.firstIndex(where: { $0.id == id.lowercased() }) else {
            connection.reply(.refused(403, "Extension.UnknownExtensionIdentifier", "Unknown extension \(id)"))
            return nil
        }
        return index
    }

    /// Tells a waiting extension of the event under way, once.
    func tellExtension(at index: Int) {
        guard extensions[index].wantsEvents, let connection = extensions[index].parked,
            let event = work?.event, let turn, extensions[index].told != event.requestID
        else { return }
        extensions[index].parked = nil
        extensions[index].told = event.requestID
        let quoted = RuntimeReply.quoted
        let body = """
            {"eventType":"INVOKE","deadlineMs":\(turn.deadlineMilliseconds),\
            "requestId":\(quoted(event.requestID)),\
            "invokedFunctionArn":\(quoted(function.template.arn)),\
            "tracing":{"type":"X-Amzn-Trace-Id","value":\(quoted(event.traceID))}}
            """
        let headers = [
            ("Content-Type", "application/json"),
            ("Lambda-Extension-Event-Identifier", UUID().uuidString.lowercased()),
        ]
        connection.reply(RuntimeReply(status: 200, headers: headers, body: ByteBuffer(string: body)))
    }
}
