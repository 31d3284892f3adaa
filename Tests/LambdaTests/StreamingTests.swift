import Foundation
import Testing

@testable import Lambda

struct StreamingTests {
    private static let request =
        #"{"version":"2.0","routeKey":"GET /x","rawPath":"/x","requestContext":{"http":{"method":"GET"}}}"#

    private func run(
        _ script: [Reply] = [.accepted], _ handler: @escaping (Request, World) throws -> StreamedResponse
    ) -> LoopRun {
        runLoop(Platform([.event(Self.request, id: "one")] + script), Triggers(streamedHTTP: handler))
    }

    /// The head that precedes the body, and the body.
    private func parts(_ recorded: Recorded) throws -> (prelude: JSON, body: String) {
        let end = try #require(recorded.body.firstRange(of: [UInt8](repeating: 0, count: 8)))
        let prelude = try JSON(parsing: [UInt8](recorded.body[..<end.lowerBound]))
        return (prelude, String(decoding: recorded.body[end.upperBound...], as: UTF8.self))
    }

    @Test func `a body is sent while it is made`() throws {
        let run = run { _, _ in
            StreamedResponse(201, headers: ["content-type": "text/plain"], cookies: ["a=b"]) { stream in
                try stream.write("one ")
                try stream.write([])
                try stream.write("two")
            }
        }
        let answer = try run.request(1)
        #expect(answer.path == "/2018-06-01/runtime/invocation/one/response")
        #expect(answer.headers["lambda-runtime-function-response-mode"] == "streaming")
        #expect(answer.headers["transfer-encoding"] == "chunked")
        #expect(answer.headers["content-type"] == "application/vnd.awslambda.http-integration-response")
        #expect(answer.headers["content-length"] == nil)
        #expect(
            answer.headers["trailer"]
                == "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body")
        let (prelude, body) = try parts(answer)
        #expect(
            prelude
                == .object([
                    "statusCode": .number("201"), "headers": .object(["content-type": .string("text/plain")]),
                    "cookies": .array([.string("a=b")]),
                ]))
        #expect(body == "one two")
        #expect(answer.chunks == 3)
        #expect(answer.trailers.isEmpty)
        #expect(run.messages == ["request"])
        #expect(run.steps == ["next", "response", "next"])
    }

    @Test func `an error in the middle becomes trailers`() throws {
        let run = run { _, _ in
            StreamedResponse(200) { stream in
                try stream.write("half")
                throw Breakdown()
            }
        }
        let answer = try run.request(1)
        #expect(try parts(answer).body == "half")
        #expect(answer.trailers["lambda-runtime-function-error-type"] == "Function.Breakdown")
        let body = try #require(
            answer.trailers["lambda-runtime-function-error-body"].flatMap { Data(base64Encoded: $0) })
        #expect(try JSON(parsing: [UInt8](body))["errorType"]?.text == "Function.Breakdown")
        #expect(run.steps == ["next", "response", "next"])
        #expect(run.messages == ["request", "the stream broke off"])
    }

    @Test(arguments: [true, false]) func `an error before the first byte is a problem`(inBody: Bool) throws {
        let run = run { _, _ in
            if !inBody { throw Breakdown() }
            return StreamedResponse(200) { _ in throw Breakdown() }
        }
        let (prelude, body) = try parts(run.request(1))
        #expect(prelude["statusCode"] == .number("500"))
        #expect(prelude["headers"]?["content-type"]?.text == "application/problem+json")
        #expect(try JSON(parsing: [UInt8](body.utf8))["type"]?.text == "internal")
        #expect(!body.contains("disk"))
    }

    @Test func `an answer without a body still has a head`() throws {
        let run = run { _, _ in StreamedResponse(204) { _ in } }
        let (prelude, body) = try parts(run.request(1))
        #expect(prelude["statusCode"] == .number("204"))
        #expect(body.isEmpty)
    }

    @Test(arguments: [Reply.error(400, "InvalidFunctionResponseMode"), .closed, .reset])
    func `a stream that the platform refuses costs only its event`(refusal: Reply) {
        let run = run([refusal, .event(Self.request), .accepted]) { _, _ in
            StreamedResponse(200) { stream in try stream.write("x") }
        }
        #expect(run.steps == ["next", "response", "next", "response", "next"])
        #expect(run.status == 0)
    }

    @Test func `a test can collect the body`() throws {
        let response = StreamedResponse(200) { stream in
            try stream.write("a")
            try stream.write("b")
        }
        #expect(try response.collected() == [UInt8]("ab".utf8))
    }
}
