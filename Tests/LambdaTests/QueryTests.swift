import Testing

@testable import Lambda

struct QueryTests {
    enum Order: String, CaseIterable { case title, price }

    private func refusal(_ body: () throws -> Void) -> Problem? {
        do { try body() } catch { return error as? Problem }
        return nil
    }

    @Test func `a query is what a browser's form sends`() throws {
        let query = try Query(parsing: "q=a+b%2Bc&q=2&&empty&=x&%C3%A9=%26%3D&a=b=c")
        #expect(query.all("q") == ["a b+c", "2"])
        #expect(query["q"] == "a b+c")
        #expect(query["empty"] == "")
        #expect(query[""] == "x")
        #expect(query["é"] == "&=")
        #expect(query["a"] == "b=c")
        #expect(query["none"] == nil)
        #expect(query.names == ["q", "empty", "", "é", "a"])
    }

    @Test(arguments: ["%", "a=%1", "a=%g0", "a=%C3", "a=%ED%A0%80"]) func `what is not UTF-8 is refused`(
        text: String
    ) {
        #expect(refusal { _ = try Query(parsing: text) }?.type == "malformed-query")
    }

    @Test(arguments: [("1", 1), ("100", 100), ("42", 42)]) func `a number within its range`(
        text: String, value: Int
    ) throws {
        #expect(try Query(parsing: "limit=\(text)").integer("limit", in: 1...100) == value)
    }

    @Test(arguments: ["0", "101", "+5", "05", "5.0", "", "x", "%205", "-0", "99999999999999999999", "٣"])
    func `what is no number, or outside its range, is refused by name`(text: String) throws {
        let query = try Query(parsing: "limit=\(text)")
        let problem = try #require(refusal { _ = try query.limit() })
        #expect(problem.status == 400)
        #expect(problem.type == "invalid-query")
        #expect(
            problem.errors == [FieldError(parameter: "limit", "Expected a whole number from 1 to 100.")])
    }

    @Test func `a limit that is not given is the usual one`() throws {
        #expect(try Query().limit() == 20)
        #expect(try Query().limit(default: 7, upTo: 9) == 7)
        #expect(try Query().integer("offset", in: -5...5) == nil)
        #expect(try (["offset": "-5"] as Query).integer("offset", in: -5...5) == -5)
    }

    @Test func `a parameter given twice is refused`() throws {
        let query = try Query(parsing: "a=1&a=1")
        #expect(refusal { _ = try query.integer("a", in: 0...9) }?.errors.first?.parameter == "a")
    }

    @Test func `a value of an enum, or the names of all`() throws {
        #expect(try (["sort": "price"] as Query).value("sort", as: Order.self) == .price)
        #expect(try Query().value("sort", as: Order.self) == nil)
        let problem = refusal { _ = try (["sort": "size"] as Query).value("sort", as: Order.self) }
        #expect(problem?.errors == [FieldError(parameter: "sort", "Expected one of: title, price.")])
    }

    @Test func `true and false`() throws {
        let query: Query = ["a": "true", "b": "false", "c": "1"]
        #expect(try query.boolean("a") == true)
        #expect(try query.boolean("b") == false)
        #expect(try query.boolean("none") == nil)
        #expect(refusal { _ = try query.boolean("c") } != nil)
    }

    @Test func `whatever a text can be parsed into`() throws {
        let query: Query = ["code": "EUR", "bad": "euro"]
        let parse = { (text: String) in text.count == 3 ? text.lowercased() : nil }
        #expect(try query.parsed("code", expecting: "a currency", parse) == "eur")
        #expect(
            refusal { _ = try query.parsed("bad", expecting: "a currency", parse) }?.errors
                == [FieldError(parameter: "bad", "Expected a currency.")])
    }

    @Test func `parameters that an endpoint does not know are refused by name`() throws {
        let request = Request("GET /x", query: ["limit": "1", "sort": "price", "srot": "x"])
        #expect(
            refusal { try request.refuseUnknownQuery(allowing: ["limit", "sort", "srot", "page"]) } == nil)
        let problem = try #require(refusal { try request.refuseUnknownQuery(allowing: ["limit", "sort"]) })
        #expect(
            problem.errors == [FieldError(parameter: "srot", "It is not known; known here: limit, sort.")])
        #expect(refusal { try request.refuseUnknownQuery() }?.errors.count == 3)
    }
}
