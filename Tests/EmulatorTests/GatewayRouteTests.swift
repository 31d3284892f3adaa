import Template
import Testing

@testable import Platform

@Suite struct GatewayRouteTests {
    static let table = RouteTable(
        [
            function("dog", "GET /pets/dog/1"), function("any-dog", "GET /pets/dog/{id}"),
            function("pets", "GET /pets/{proxy+}"), function("both", "ANY /both"),
            function("got", "GET /both"), function("rest", "ANY /api/{proxy+}"),
            function("full", "GET /{a}/b"), function("greedy", "GET /x/{proxy+}"),
            function("fallback", "$default"), function("root", "GET /"),
            function("items", "DELETE /cart/items/{id}"), function("space", "GET /a b"),
        ], api: "Api")

    @Test(
        arguments: [
            ("GET /pets/dog/1", "dog"), ("GET /pets/dog/2", "any-dog"), ("GET /pets/cat/1", "pets"),
            ("GET /pets/", "fallback"), ("GET /pets", "fallback"), ("POST /both", "both"),
            ("GET /both", "got"), ("GET /both/", "fallback"), ("POST /api/5", "rest"),
            ("GET /x/b", "full"), ("GET /x/c", "greedy"), ("GET /", "root"), ("POST /", "fallback"),
            ("DELETE /cart/items/7", "items"), ("DELETE /cart/items/", "fallback"),
            ("PUT /cart/items/7", "fallback"), ("GET /a%20b", "space"), ("HEAD /both", "both"),
            ("HEAD /pets/dog/1", "fallback"), ("GET /PETS/dog/1", "fallback"),
        ])
    func `a request goes to the most specific route of its path and method`(
        request: String, expected: String
    ) {
        let parts = request.split(separator: " ").map(String.init)
        #expect(Self.table.match(method: parts[0], path: parts[1])?.function == expected)
    }

    @Test(
        arguments: [
            ("/pets/a/b%2Fc/d", "proxy", "a/b/c/d"), ("/pets/dog/%C3%A9%20x", "id", "é x"),
            ("/pets/dog/a+b", "id", "a+b"), ("/pets/dog/2%Fth", "id", "2%Fth"),
            ("/pets/dog/%FF", "id", "%FF"), ("/pets//x", "proxy", "/x"),
        ])
    func `path parameters are decoded and what cannot be stays as it is`(
        path: String, name: String, expected: String
    ) {
        #expect(Self.table.match(method: "GET", path: path)?.parameters[name] == expected)
    }

    @Test func `without a default route nothing takes what no route names`() {
        let table = RouteTable([function("one", "GET /one")], api: "Api")
        #expect(table.match(method: "POST", path: "/one") == nil)
        #expect(table.match(method: "GET", path: "/one")?.parameters == [:])
        #expect(
            RouteTable([function("one", "GET /one")], api: "Other").match(method: "GET", path: "/one") == nil)
    }
}
