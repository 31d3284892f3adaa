import Foundation
import Postgres
import Testing

@Suite struct ValueTests {
    enum Colour: String, SQLValue, SQLElement { case red, green }
    struct Name: RawRepresentable, Equatable, SQLValue { let rawValue: UUID }

    /// Bound, cast by the server, and read back.
    private func roundTrip<Value: SQLValue>(_ value: Value, _ type: String) throws -> Value? {
        try Connection(try testURL()).value("SELECT \(value)::\(SQL(stringLiteral: type))")
    }

    @Test(arguments: [0, 1, -1, Int.max, Int.min]) func `whole numbers come back`(number: Int) throws {
        #expect(try roundTrip(number, "bigint") == number)
        #expect(try roundTrip(Int64(number), "bigint") == Int64(number))
    }

    @Test(arguments: [0.1, -2.5e-300, 1.7976931348623157e308, 1 / 3.0, .infinity, -.infinity])
    func `floating numbers come back exactly`(number: Double) throws {
        #expect(try roundTrip(number, "float8") == number)
    }

    @Test func `what is not a number comes back as that`() throws {
        #expect(try roundTrip(Double.nan, "float8")?.isNaN == true)
    }

    @Test(arguments: ["", "'; DROP TABLE x; --", "a\\b\"c", "e\u{301} é 🎧", "line\r\nline", "{1,2}", "NULL"])
    func `a text comes back byte for byte, and is never part of the statement`(text: String) throws {
        #expect(try roundTrip(text, "text").map { Array($0.utf8) } == Array(text.utf8))
        #expect(try roundTrip([text, text], "text[]") == [text, text])
    }

    @Test func `a text with a NUL is refused before it is sent, and not repeated in the error`() throws {
        let error = try #require(throws: PostgresError.self) { _ = try roundTrip("secret\0", "text") }
        #expect(error.kind == .encoding)
        #expect(!error.description.contains("secret"))
        #expect(throws: PostgresError.self) { _ = try roundTrip(["a\0"], "text[]") }
    }

    @Test func `truth, names, bytes and lists come back`() throws {
        #expect(try roundTrip(true, "bool") == true)
        #expect(try roundTrip(false, "bool") == false)
        let id = UUID(), none = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        #expect(try roundTrip(id, "uuid") == id)
        #expect(try roundTrip(Name(rawValue: id), "uuid") == Name(rawValue: id))
        #expect(try roundTrip(Colour.green, "text") == .green)
        #expect(try roundTrip([Colour.green, .red], "text[]") == [.green, .red])
        #expect(try roundTrip([id, none], "uuid[]") == [id, none])
        #expect(try roundTrip([1, -2, .max], "bigint[]") == [1, -2, .max])
        #expect(try roundTrip([Int](), "bigint[]") == [])
        #expect(try roundTrip(Array(0...255), "bytea") == [UInt8](0...255))
        #expect(try roundTrip([UInt8](), "bytea") == [])
    }

    @Test func `a list with NULLs, or of lists, or counted from elsewhere is no list of ours`() throws {
        #expect([Int](sqlText: "{1,NULL}") == nil)
        #expect([Int](sqlText: "{{1},{2}}") == nil)
        #expect([Int](sqlText: "[0:1]={1,2}") == nil)
        #expect([Int](sqlText: "{1,2") == nil)
        #expect([Int](sqlText: "{1}2") == nil)
        #expect([String](sqlText: #"{"a\"#) == nil)
        #expect([String](sqlText: #"{"a"#) == nil)
        #expect([String](sqlText: "{\"NULL\"}") == ["NULL"])
        #expect([UInt8](sqlText: "\\x0") == nil)
    }

    @Test func `JSON is encoded with sorted keys and comes back`() throws {
        struct Pair: Codable, Equatable { let b: Int, a: String }
        let json = try JSONText(encoding: Pair(b: 1, a: "x/y"))
        #expect(json.text == #"{"a":"x/y","b":1}"#)
        #expect(try roundTrip(json, "jsonb")?.decoded() == Pair(b: 1, a: "x/y"))
    }

    @Test func `nothing is NULL, both ways`() throws {
        let nothing: String? = nil
        let connection = Connection(try testURL())
        #expect(try connection.value("SELECT \(nothing)::text IS NULL") == true)
        #expect(try connection.value("SELECT NULL::text", as: String.self) == nil)
    }
}

@Suite struct TimestampTests {
    private let formatter: ISO8601DateFormatter = {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime]
        return formatter
    }()

    @Test(arguments: [
        ("2026-07-29 12:34:56+00", "2026-07-29T12:34:56Z"),
        ("2026-07-29 12:34:56+05:30", "2026-07-29T07:04:56Z"),
        ("2026-07-29 12:34:56-03", "2026-07-29T15:34:56Z"),
        ("1970-01-01 00:00:00+00", "1970-01-01T00:00:00Z"),
        ("2000-02-29 23:59:59+00", "2000-02-29T23:59:59Z"),
        ("1900-03-01 00:00:00+00", "1900-03-01T00:00:00Z"),
        ("2024-12-30 00:00:00+00", "2024-12-30T00:00:00Z"),
        ("1890-01-01 00:00:00+00:53:28", "1889-12-31T23:06:32Z"),
    ])
    func `a timestamp is read whatever its offset`(text: String, instant: String) {
        #expect(Date(sqlText: text) == formatter.date(from: instant))
    }

    @Test(arguments: [
        "2026-07-29 12:34:56", "2026-07-29", "infinity", "-infinity", "", "2026-13-01 00:00:00+00",
        "2026-07-29T12:34:56+00", "2026-07-29 12:34:56.1234567+00", "294276-12-31 00:00:00+00", "x",
        "2026-07-29 12:34:56+00 AD", "2026-07-29 12:34:56+0",
    ])
    func `what names no instant is refused`(text: String) { #expect(Date(sqlText: text) == nil) }

    @Test func `every microsecond comes back, through the server`() throws {
        let connection = Connection(try testURL())
        for microseconds in [1, 999_999, 123_456, 1_785_328_496_789_012, -1, -2_000_000_000_000_001] {
            let seconds = Double(microseconds - 978_307_200_000_000) / 1e6
            let date = Date(timeIntervalSinceReferenceDate: seconds)
            let (back, exact) = try connection.transaction(.readOnly) { transaction in
                (
                    try transaction.value("SELECT \(date)::timestamptz", as: Date.self),
                    try transaction.value(
                        "SELECT (extract(epoch FROM \(date)::timestamptz) * 1000000)::bigint", as: Int.self)
                )
            }
            #expect(back == date)
            #expect(exact == microseconds)
        }
    }

    @Test func `dates before Christ and far ahead come back`() throws {
        let connection = Connection(try testURL())
        for seconds in [-63_549_360_000.0, -100_000_000_000, 250_000_000_000] {
            let date = Date(timeIntervalSinceReferenceDate: seconds)
            #expect(try connection.value("SELECT \(date)::timestamptz") == date)
        }
        #expect(Date(timeIntervalSinceReferenceDate: .nan).sqlText == "NaN")
        #expect(Date(timeIntervalSinceReferenceDate: 1e30).sqlText == "infinity")
    }
}
