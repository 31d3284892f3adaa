import Identity
import Testing

@Suite struct PresentedTokenTests {
    private let bearer = PresentedToken("a.b.c", by: .bearer)

    @Test(arguments: ["Bearer a.b.c", "bearer a.b.c", "BEARER  a.b.c", " Bearer a.b.c "])
    func `a bearer's token is taken from the header`(header: String) throws {
        #expect(try PresentedToken.shown(headers: ["authorization": header], cookies: [:]) == bearer)
    }

    @Test(arguments: [
        "", "a.b.c", "Bearer", "Bearer ", "Basic a.b.c", "Bearer a.b.c d", "Bearer a,Bearer b",
        "Bearer a, Bearer b",
        "Bearer\ta", "Bearer é", "Bearera.b.c", "Bearer \"a\"", "Bearer a\u{0}",
    ])
    func `a header that is not one bearer's token is refused, whatever the cookies say`(header: String) {
        #expect(throws: TokenError.malformedAuthorization) {
            try PresentedToken.shown(headers: ["authorization": header], cookies: ["__session": "a.b.c"])
        }
    }

    @Test(
        arguments: [
            ([:], nil), (["__session": "a"], "a"), (["__session": ""], nil), (["__session_x": "a"], "a"),
            (["__session": "a", "__session_x": "b"], "b"), (["__session": "a", "__session_x": ""], "a"),
            (["__session_x": "a", "__session_y": "a"], "a"), (["__session_x": "a", "__session_y": ""], "a"),
            (["session": "a", "__sessions": "b", "__Session": "c"], nil),
        ] as [([String: String], String?)])
    func `a session's cookie is taken, its application's own before the shared one`(
        cookies: [String: String], token: String?
    ) throws {
        #expect(
            try PresentedToken.shown(headers: [:], cookies: cookies)
                == token.map { PresentedToken($0, by: .cookie) })
    }

    @Test func `cookies of two applications are refused, unless a bearer speaks`() throws {
        let cookies = ["__session_x": "a", "__session_y": "b", "__session": "a"]
        #expect(throws: TokenError.ambiguousCookies) {
            try PresentedToken.shown(headers: [:], cookies: cookies)
        }
        #expect(
            try PresentedToken.shown(headers: ["authorization": "Bearer a.b.c"], cookies: cookies) == bearer)
    }
}
