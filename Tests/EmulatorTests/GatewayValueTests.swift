import Foundation
import Groundwork
import Template
import Testing

@testable import Platform

@Suite struct GatewayValueTests {
    @Test(
        arguments: [
            (#"{"statusCode":201,"body":"x"}"#, 201, "x", "text/plain;charset=UTF-8"),
            (
                #"{"statusCode":200,"headers":{"Content-Type":"a/b","X":1,"Y":true},"body":"x"}"#, 200, "x",
                "a/b"
            ),
            (
                #"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#, 200, "hi",
                "text/plain;charset=UTF-8"
            ),
            (#"{"hello":"you"}"#, 200, #"{"hello":"you"}"#, "application/json"),
            (#""text""#, 200, #""text""#, "application/json"),
            ("[1]", 200, "[1]", "application/json"), ("null", 200, "null", "application/json"),
            (#"{"statusCode":204,"headers":null,"cookies":null,"body":null}"#, 204, "", nil),
        ])
    func `an answer is read as the platform reads it`(
        json: String, status: Int, body: String, type: String?
    ) throws {
        let answer = try #require(GatewayAnswer(functionResponse: Array(json.utf8)))
        #expect(answer.status == status)
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
        #expect(answer.headers.first { $0.name == "content-type" }?.value == type)
    }

    @Test(
        arguments: [
            "", "no json", #"{"statusCode":"200"}"#, #"{"statusCode":99}"#, #"{"statusCode":200.5}"#,
            #"{"statusCode":600}"#, #"{"statusCode":null}"#, #"{"statusCode":200,"body":{"a":1}}"#,
            #"{"statusCode":200,"body":"?","isBase64Encoded":true}"#,
            #"{"statusCode":200,"headers":{"a":"b\r\nc: d"}}"#, #"{"statusCode":200,"headers":{"a b":"c"}}"#,
            #"{"statusCode":200,"headers":{"a":["b"]}}"#, #"{"statusCode":200,"headers":[]}"#,
            #"{"statusCode":200,"cookies":"a=b"}"#, #"{"statusCode":200,"cookies":["a=b\n"]}"#,
        ])
    func `an answer that cannot be sent is refused`(json: String) {
        #expect(GatewayAnswer(functionResponse: Array(json.utf8)) == nil)
    }

    @Test(
        arguments: [
            (
                "Root=1-5759e988-bd862e3fe1be46a994272793",
                "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"
            ),
            (
                "Self=x;Root=1-5759e988-bd862e3fe1be46a994272793; Parent=53995c3f42cd8ad8;Sampled=0",
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"
            ),
        ])
    func `a trace is continued`(header: String, expected: String) {
        #expect(TraceHeader(amazon: header, traceparent: nil, now: Date()).full == expected)
    }

    @Test func `a trace of the W3C kind is continued`() {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(
            TraceHeader(amazon: nil, traceparent: header, now: Date()).full
                == "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1")
    }

    @Test(arguments: [
        "Root=1-x-y", "", "Parent=53995c3f42cd8ad8", "Root=1-5759e988-bd862e3fe1be46a99427279G",
    ])
    func `a trace that is none begins anew, at its second`(header: String) {
        let began = TraceHeader(
            amazon: header, traceparent: "00-0-0-1", now: Date(timeIntervalSince1970: 255))
        #expect(began.root.hasPrefix("1-000000ff-"))
        #expect(TraceHeader(amazon: began.full, traceparent: nil, now: Date()).root == began.root)
    }

    @Test func `a bucket empties by the burst and fills by the rate`() {
        let throttle = GatewayThrottle(
            HTTPAPI(
                logicalID: "Api", id: "a", name: "a",
                defaultThrottle: Throttle(burst: 2, requestsPerSecond: 1),
                routeThrottles: ["GET /shut": Throttle(burst: 0, requestsPerSecond: 0)]))
        let start = ContinuousClock.now
        let admitted = [0, 0, 0, 500, 999, 1000, 1001, 9000, 9000, 9000].map { milliseconds in
            throttle.admits("GET /a", at: start + .milliseconds(milliseconds))
        }
        #expect(admitted == [true, true, false, false, false, true, false, true, true, false])
        #expect(throttle.admits("GET /b", at: start))
        #expect(!throttle.admits("GET /shut", at: start))
    }

    @Test func `the common log's time is in UTC with two digits`() {
        #expect(
            Timestamp.commonLog(Date(timeIntervalSince1970: 1_583_348_638))
                == "04/Mar/2020:19:03:58 +0000")
    }
}
