import Identity
import Testing

@Suite struct IssuerTests {
    private func discovery(_ document: String, of issuer: String) throws -> Discovery {
        try Discovery(from: Array(document.utf8), of: Issuer(issuer))
    }

    @Test(arguments: [
        ("https://clerk.earshelf.example", "https://clerk.earshelf.example/.well-known/openid-configuration"),
        (
            "https://id.example/realms/shop/",
            "https://id.example/realms/shop/.well-known/openid-configuration"
        ),
        ("https://id.example:8443", "https://id.example:8443/.well-known/openid-configuration"),
        ("http://127.0.0.1:8085", "http://127.0.0.1:8085/.well-known/openid-configuration"),
        ("http://localhost:8085", "http://localhost:8085/.well-known/openid-configuration"),
        ("http://[::1]:8085", "http://[::1]:8085/.well-known/openid-configuration"),
    ])
    func `an issuer says where to read about it`(issuer: String, url: String) throws {
        #expect(try Issuer(issuer).discoveryURL == url)
    }

    @Test(arguments: [
        "", "clerk.earshelf.example", "http://clerk.earshelf.example", "https://", "https:///x",
        "https://:443",
        "https://u@h.example", "https://h.example?q", "https://h.example#f", "https://h.example/ ",
        "https://é.example",
        "ftp://h.example", "http://127.0.0.1.evil.example", "http://localhost@evil.example",
        "http://localhost:80a",
        "http://localhost.evil.example", "https://h.example:1234567", "https://[::1",
        "http://127.0.0.1\\@evil.example", "HTTPS://h.example",
    ])
    func `what is no trustworthy URL is no issuer`(text: String) {
        #expect(throws: IdentityError.malformedIssuer) { try Issuer(text) }
    }

    @Test func `a discovery document leads to the keys`() throws {
        let found = try discovery(
            #"{"issuer":"https://id.example","jwks_uri":"https://keys.example/jwks?v=1","more":[]}"#,
            of: "https://id.example")
        #expect(found.keySetURL == "https://keys.example/jwks?v=1")
        #expect(found.issuer.description == "https://id.example")
    }

    @Test(arguments: [
        "https://id.example/", "https://other.example", "https://ID.example", "https://id.example/.", "",
    ])
    func `a document of another issuer is refused`(named: String) {
        #expect(throws: IdentityError.foreignIssuer) {
            try discovery(
                #"{"issuer":"\#(named)","jwks_uri":"https://id.example/jwks"}"#, of: "https://id.example")
        }
    }

    @Test(arguments: [
        "http://id.example/jwks", "file:///etc/passwd", "", "//id.example", "https://u:p@id.example/jwks",
        "https://id.example/jwks#x",
    ])
    func `keys are read over TLS or from this machine`(url: String) {
        #expect(throws: IdentityError.malformedDiscovery) {
            try discovery(#"{"issuer":"https://id.example","jwks_uri":"\#(url)"}"#, of: "https://id.example")
        }
    }

    @Test(arguments: [
        "", "[]", "<html>", #"{"issuer":"https://id.example"}"#,
        #"{"issuer":"https://id.example","jwks_uri":7}"#,
        #"{"issuer":"https://id.example","issuer":"https://id.example","jwks_uri":"https://id.example/jwks"}"#,
    ])
    func `what is no discovery document is refused`(document: String) {
        #expect(throws: IdentityError.malformedDiscovery) {
            try discovery(document, of: "https://id.example")
        }
    }

    @Test func `a policy names its parties`() throws {
        let issuer = try Issuer("https://id.example")
        #expect(throws: IdentityError.noAuthorizedParties) {
            try TokenPolicy(issuer: issuer, authorizedParties: [])
        }
        #expect(throws: IdentityError.noAuthorizedParties) {
            try TokenPolicy(issuer: issuer, authorizedParties: [""])
        }
        #expect(try TokenPolicy(issuer: issuer, authorizedParties: ["a"], audience: "").audience == nil)
    }
}
