import Foundation
import Testing

@testable import Lambda

/// What a function is told of by a bus.
struct BusEventTests {
    private struct Detail: Decodable { let id: Int }

    private func event(_ rest: String, source: String = "earshelf") -> [UInt8] {
        Array(
            """
            {"version":"0","id":"6f1c","detail-type":"UploadReady","source":"\(source)","account":"0",
             "time":"2025-01-31T12:00:00Z","region":"eu-central-1","resources":[],\(rest)}
            """.utf8)
    }

    private func told(_ payload: [UInt8]) throws -> BusEvent? {
        var seen: BusEvent?
        let triggers = Triggers<World>(
            schedule: { _, _ in Issue.record("no schedule") }, bus: { event, _ in seen = event })
        guard case .answer(let answer) = try triggers.outcome(of: payload, Invocation(), in: World()) else {
            return nil
        }
        #expect(answer == Array("null".utf8))
        return seen
    }

    @Test func `an event of a bus says who tells what, and when`() throws {
        let event = try #require(try told(event(#""detail":{"id":7,"key":"k"}"#)))
        #expect(event.id == "6f1c" && event.source == "earshelf" && event.topic == "UploadReady")
        #expect(event.time == Date(timeIntervalSince1970: 1_738_324_800))
        #expect(try event.decoded(as: Detail.self).id == 7)
    }

    @Test func `a detail of another shape is told by its place`() throws {
        let event = try #require(try told(event(#""detail":{"id":"7"}"#)))
        let error = #expect(throws: DecodingError.self) { try event.decoded(as: Detail.self) }
        guard case .typeMismatch(_, let context) = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(context.codingPath.map(\.stringValue) == ["id"])
    }

    @Test(arguments: [#""detail":"{}""#, #""detail":null"#, #""detail":[]"#, #""more":1"#])
    func `an event without a detail is malformed`(rest: String) {
        #expect(throws: MalformedEvent.self) { try told(event(rest)) }
    }

    @Test func `a function that is not there for it says so`() {
        #expect(throws: UnknownEvent.self) {
            try Triggers<World>(schedule: { _, _ in }).outcome(
                of: event(#""detail":{}"#), Invocation(), in: World())
        }
    }

    @Test func `a handler that throws fails the event, which then comes again`() {
        #expect(throws: Breakdown.self) {
            try Triggers<World>(bus: { _, _ in throw Breakdown() }).outcome(
                of: event(#""detail":{}"#), Invocation(), in: World())
        }
    }

    @Test func `an event can be made by hand`() throws {
        let event = try BusEvent(source: "a", topic: "B", time: Date(), detail: #"{"id":3}"#)
        #expect(try event.decoded(as: Detail.self).id == 3)
        #expect(throws: JSONSyntaxError.self) {
            try BusEvent(source: "a", topic: "B", time: Date(), detail: "{")
        }
    }
}
