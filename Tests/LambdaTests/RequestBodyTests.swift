import Foundation
import Testing

@testable import Lambda

struct RequestBodyTests {
    enum Binding: String, Codable, CaseIterable { case download, stream }
    struct Item: Codable, Equatable {
        let price: Int
        var binding: Binding?
        var due: Date?
        var id: UUID?
    }
    struct Order: Codable, Equatable {
        let items: [Item]
        var notes: [String: String]?
        var rate: Double?
        var isGift: Bool?
        var small: Int8?
    }

    private func refusal(_ body: [UInt8], headers: [String: String] = [:]) -> Problem? {
        let request = Request("POST /x", headers: headers, body: body)
        do { _ = try request.decoded(as: Order.self) } catch { return error }
        return nil
    }

    @Test func `a good body is a value`() throws {
        let id = try #require(UUID(uuidString: "6F9619FF-8B86-D011-B42D-00C04FC964FF"))
        let order = Order(
            items: [Item(price: 1, binding: .stream, due: Date(timeIntervalSince1970: 0), id: id)],
            notes: ["007": "a/b"], rate: 0.5, isGift: true)
        let request = try Request("POST /x", json: order)
        #expect(request.headers["content-type"] == "application/json")
        #expect(try request.decoded(as: Order.self) == order)
    }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01T02:00:00+02:00", 0),
        ("1970-01-01T00:00:00.5-00:30", 1800.5), ("1970-01-01T23:59:00+23:59", 0),
        ("2032-01-26T10:47:43.6+22:19", 1958646523.6),
    ])
    func `a moment may be told in any zone`(text: String, seconds: Double) throws {
        let body = #"{"items":[{"price":1,"due":"\#(text)"}]}"#
        let order = try Request("POST /x", body: Array(body.utf8)).decoded(as: Order.self)
        let due = try #require(order.items.first?.due)
        #expect(abs(due.timeIntervalSince1970 - seconds) < 0.001, "\(due.timeIntervalSince1970)")
    }

    @Test(arguments: [
        (#"{"items":[{"price":"1"}]}"#, "/items/0/price", "Expected a whole number, found a string."),
        (#"{"items":[{"price":null}]}"#, "/items/0/price", "Expected a whole number, found null."),
        (
            #"{"items":[{"price":1},{"price":1.5}]}"#, "/items/1/price",
            "Expected a whole number from -9223372036854775808 to 9223372036854775807."
        ),
        (
            #"{"items":[{"price":9223372036854775808}]}"#, "/items/0/price",
            "Expected a whole number from -9223372036854775808 to 9223372036854775807."
        ),
        (
            #"{"items":[{"price":1e400}]}"#, "/items/0/price",
            "Expected a whole number from -9223372036854775808 to 9223372036854775807."
        ),
        (#"{"items":[{}]}"#, "/items/0/price", "It is required."),
        (#"{"items":{}}"#, "/items", "Expected a list, found an object."),
        (#"{"items":[7]}"#, "/items/0", "Expected an object, found a number."),
        (#"{}"#, "/items", "It is required."), ("[]", "", "Expected an object, found a list."),
        ("null", "", "Expected an object, found null."),
        (
            #"{"items":[{"price":1,"binding":"paperback"}]}"#, "/items/0/binding",
            "“paperback” is not one of the values known here."
        ),
        (
            #"{"items":[{"price":1,"due":"tomorrow"}]}"#, "/items/0/due",
            "Expected a date and time like 2025-01-31T12:00:00Z (ISO 8601)."
        ),
        (
            #"{"items":[{"price":1,"due":"1970-01-01T00:00:00+24:00"}]}"#, "/items/0/due",
            "Expected a date and time like 2025-01-31T12:00:00Z (ISO 8601)."
        ),
        (#"{"items":[{"price":1,"id":"x"}]}"#, "/items/0/id", "Expected a UUID."),
        (#"{"items":[],"notes":{"a/b~c":1}}"#, "/notes/a~1b~0c", "Expected a string, found a number."),
        (#"{"items":[],"rate":1e999}"#, "/rate", "The number is too large."),
        (#"{"items":[],"isGift":1}"#, "/isGift", "Expected true or false, found a number."),
        (#"{"items":[],"small":128}"#, "/small", "Expected a whole number from -128 to 127."),
    ])
    func `a body of the wrong shape is told where it is wrong`(body: String, pointer: String, detail: String)
        throws
    {
        let problem = try #require(refusal([UInt8](body.utf8)))
        #expect(problem.status == 400)
        #expect(problem.type == "malformed-body")
        #expect(problem.errors == [FieldError(pointer: pointer, detail)])
    }

    @Test(arguments: [
        ("", "Expected JSON, found nothing."),
        ("{", "This is not JSON: at byte 1, a name in quotes is expected."),
        (#"{"items":[],}"#, "This is not JSON: at byte 12, a name in quotes is expected."),
        (#"{"items":[]} x"#, "This is not JSON: at byte 13, the end of the text is expected."),
        (
            #"{"items":[],"items":[]}"#,
            "This is not JSON: at byte 12, a name that was not used before is expected."
        ),
        ("hello", "This is not JSON: at byte 0, a value is expected."),
    ])
    func `a body that is no JSON is told where it stops being it`(body: String, detail: String) throws {
        let problem = try #require(refusal([UInt8](body.utf8)))
        #expect(problem.status == 400)
        #expect(problem.errors == [FieldError(pointer: "", detail)])
    }

    @Test func `a body nested absurdly deep is refused, and not by a crash`() {
        let deep = #"{"items":"# + String(repeating: "[", count: 500_000)
        #expect(refusal([UInt8](deep.utf8))?.status == 400)
    }

    @Test(arguments: [
        "application/json", "application/json; charset=utf-8", "Application/JSON",
        "application/merge-patch+json",
        "application/json ;charset=utf-8",
    ])
    func `JSON may be called so`(type: String) {
        #expect(refusal([UInt8](#"{"items":[]}"#.utf8), headers: ["Content-Type": type]) == nil)
    }

    @Test(arguments: [
        "text/plain", "multipart/form-data; boundary=x", "application/xml", "", "application/jsonp",
    ])
    func `another type is refused`(type: String) {
        #expect(refusal([UInt8](#"{"items":[]}"#.utf8), headers: ["Content-Type": type])?.status == 415)
    }

    @Test func `a body that is too large is refused`() throws {
        let request = Request("POST /x", body: [UInt8](#"{"items":[]}"#.utf8))
        #expect(throws: Problem(413, "body-too-large", "The body may have 11 bytes at most.")) {
            try request.decoded(as: Order.self, limit: 11)
        }
        #expect(try request.decoded(as: Order.self, limit: 12) == Order(items: []))
    }

    struct Ruled: Decodable {
        struct Broken: ProblemConvertible { let problem = Problem(422, "broken", "It is broken.") }
        init(from decoder: any Decoder) throws { throw Broken() }
    }

    @Test func `a rule of a type speaks for itself`() {
        #expect(throws: Problem(422, "broken", "It is broken.")) {
            try Request("POST /x", body: [UInt8]("{}".utf8)).decoded(as: Ruled.self)
        }
    }
}
