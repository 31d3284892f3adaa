import Cryptography
import Identity
import Testing

@Suite struct TokenTests {
    @Test func `a session token says who somebody is`() throws {
        let issuer = try TestIssuer()
        let token = issuer.token(session(["email": "\"ada@earshelf.example\"", "email_verified": "true"]))
        let claims = try verifier().claims(of: token, by: .cookie, key: { _ in issuer.key }, at: now)
        #expect(claims.subject == "user_1")
        #expect(claims.issuer == issuer.issuer)
        #expect(claims.expiresAt == now + 60)
        #expect(claims.sessionID == "sess_1")
        #expect(claims.email == "ada@earshelf.example")
        #expect(claims.emailVerified)
        #expect(claims.authorizedParty == "https://earshelf.example")
        #expect(claims.carrier == .cookie)
    }

    /// Both sides of every boundary of time, with five seconds of leeway.
    @Test(
        arguments: [
            (["exp": "\(now - 4)"], nil), (["exp": "\(now - 5)"], .expired), (["exp": "\(now - 4).5"], nil),
            (["exp": "\(now - 5).5"], nil), (["exp": "\(now - 6).5"], .expired), (["exp": "0"], .expired),
            (["exp": "-1"], .expired), (["exp": "1.8e9"], nil), (["exp": "9007199254740991"], nil),
            (["nbf": "\(now + 5)"], nil), (["nbf": "\(now + 6)"], .notYetValid), (["iat": "\(now + 5)"], nil),
            (["iat": "\(now + 6)"], .notYetValid), (["nbf": nil, "iat": nil], nil), (["nbf": "null"], nil),
            (["exp": nil], .claim("exp")), (["exp": "null"], .claim("exp")),
            (["exp": "\"\(now + 60)\""], .claim("exp")),
            (["exp": "true"], .claim("exp")), (["exp": "[\(now + 60)]"], .claim("exp")),
            (["exp": "1e300"], .claim("exp")),
            (["exp": "9007199254740992"], .claim("exp")), (["exp": "-9007199254740992"], .claim("exp")),
            (["exp": "99999999999999999999999999999999999999"], .claim("exp")),
            (["nbf": "\"0\""], .claim("nbf")),
            (["iat": "{}"], .claim("iat")), (["iat": "-1e308"], .claim("iat")),
            // Grammars other than JSON's.
            (["exp": "NaN"], .malformed), (["exp": "Infinity"], .malformed), (["exp": "1e999"], .malformed),
            (["exp": "+\(now + 60)"], .malformed), (["exp": "0\(now + 60)"], .malformed),
            (["exp": "0x7fffffff"], .malformed),
            (["exp": "\(now + 60)."], .malformed), (["exp": ".5"], .malformed), (["exp": "1e"], .malformed),
        ] as [([String: String?], TokenError?)])
    func `times decide to the second`(changes: [String: String?], expected: TokenError?) throws {
        #expect(try outcome(TestIssuer().token(session(changes))) == expected)
    }

    @Test(
        arguments: [
            (["iss": "\"https://clerk.evil.example\""], .issuer),
            (["iss": "\"https://clerk.earshelf.example/\""], .issuer),
            (["iss": "\"HTTPS://clerk.earshelf.example\""], .issuer), (["iss": nil], .issuer),
            (["iss": "null"], .issuer),
            (["iss": "\"\""], .claim("iss")),
            (["iss": "[\"https://clerk.earshelf.example\"]"], .claim("iss")),
            (["sub": nil], .claim("sub")), (["sub": "\"\""], .claim("sub")), (["sub": "7"], .claim("sub")),
            (["sub": "null"], .claim("sub")), (["sub": "\"a\\u0000b\""], .claim("sub")),
            (["sub": "\"a\\nb\""], .claim("sub")),
            (["sub": "\"\(String(repeating: "a", count: 255))\""], nil),
            (["sub": "\"\(String(repeating: "a", count: 256))\""], .claim("sub")),
            (["sub": "\"\\ud800\""], .malformed), (["sub": "\"\\ud83c\\udfa7\""], nil),
            (["sid": "7"], .claim("sid")), (["sid": nil], nil), (["email": "7"], .claim("email")),
            (["sts": "\"pending\""], .signedOut), (["sts": "\"Active\""], .signedOut),
            (["sts": "7"], .claim("sts")),
            (["sts": nil], nil), (["aud": "\"anything\""], nil),
        ] as [([String: String?], TokenError?)])
    func `each claim is what the policy says, or the token is nothing`(
        changes: [String: String?], expected: TokenError?
    ) throws {
        #expect(try outcome(TestIssuer().token(session(changes))) == expected)
    }

    /// A cookie without a party is refused: a browser always has an origin.
    @Test(
        arguments: [
            ("\"https://earshelf.example\"", .bearer, nil), ("\"http://localhost:8080\"", .cookie, nil),
            ("\"https://evil.example\"", .bearer, .authorizedParty),
            ("\"https://evil.example\"", .cookie, .authorizedParty),
            ("\"https://earshelf.example/\"", .bearer, .authorizedParty),
            ("\"https://earshelf.example.evil.example\"", .cookie, .authorizedParty),
            (nil, .bearer, nil), (nil, .cookie, .authorizedParty), ("null", .bearer, nil),
            ("null", .cookie, .authorizedParty), ("\"\"", .bearer, .claim("azp")),
            ("\"\"", .cookie, .claim("azp")),
            ("[\"https://earshelf.example\"]", .bearer, .claim("azp")), ("true", .cookie, .claim("azp")),
        ] as [(String?, Carrier, TokenError?)])
    func `the party is decided by how the token came`(party: String?, carrier: Carrier, expected: TokenError?)
        throws
    {
        #expect(try outcome(TestIssuer().token(session(["azp": party])), by: carrier) == expected)
    }

    @Test(
        arguments: [
            ("\"shop\"", nil), ("[\"other\",\"shop\"]", nil), ("[]", .audience), ("\"Shop\"", .audience),
            (nil, .audience),
            ("null", .audience), ("\"shop \"", .audience), ("[\"other\"]", .audience), ("7", .claim("aud")),
            ("[\"shop\",7]", .claim("aud")), ("{\"shop\":true}", .claim("aud")),
        ] as [(String?, TokenError?)])
    func `an audience that is configured must be named`(audience: String?, expected: TokenError?) throws {
        #expect(try outcome(TestIssuer().token(session(["aud": audience])), audience: "shop") == expected)
    }

    @Test(
        arguments: [
            (#"{"alg":"RS256","kid":"ins_1"}"#, nil), (#"{"alg":"RS256","kid":"ins_1","typ":"at+jwt"}"#, nil),
            (#"{"alg":"RS256","kid":"ins_1","jku":"https://evil.example","x5u":"u","jwk":{},"x5c":[]}"#, nil),
            (#"{"alg":"none","kid":"ins_1"}"#, .algorithm), (#"{"alg":"None","kid":"ins_1"}"#, .algorithm),
            (#"{"alg":"rs256","kid":"ins_1"}"#, .algorithm), (#"{"alg":"RS256 ","kid":"ins_1"}"#, .algorithm),
            (#"{"alg":"HS256","kid":"ins_1"}"#, .algorithm), (#"{"alg":"RS384","kid":"ins_1"}"#, .algorithm),
            (#"{"alg":"RS512","kid":"ins_1"}"#, .algorithm), (#"{"alg":"PS256","kid":"ins_1"}"#, .algorithm),
            (#"{"alg":"ES256","kid":"ins_1"}"#, .algorithm),
            (#"{"alg":["RS256"],"kid":"ins_1"}"#, .algorithm),
            (#"{"alg":null,"kid":"ins_1"}"#, .algorithm), (#"{"kid":"ins_1"}"#, .algorithm),
            (#"{"alg":"RS256","kid":"ins_1","typ":"jwt"}"#, .kind),
            (#"{"alg":"RS256","kid":"ins_1","typ":"JWE"}"#, .kind),
            (#"{"alg":"RS256","kid":"ins_1","typ":null}"#, .kind),
            (#"{"alg":"RS256","kid":"ins_1","typ":"logout+jwt"}"#, .kind),
            (#"{"alg":"RS256","kid":"ins_1","cat":"cl_B7d4PD222AAA"}"#, .kind),
            (#"{"alg":"RS256","kid":"ins_1","cat":""}"#, .kind),
            (#"{"alg":"RS256","kid":"ins_1","cat":null}"#, .kind),
            (#"{"alg":"RS256","kid":"ins_1","crit":["exp"]}"#, .criticalExtension),
            (#"{"alg":"RS256","kid":"ins_1","crit":[]}"#, .criticalExtension),
            (#"{"alg":"RS256","kid":"ins_1","crit":null}"#, .criticalExtension),
            (#"{"alg":"RS256"}"#, .noKeyName), (#"{"alg":"RS256","kid":""}"#, .noKeyName),
            (#"{"alg":"RS256","kid":7}"#, .noKeyName), (#"{"alg":"RS256","kid":"a b"}"#, .noKeyName),
            (#"{"alg":"RS256","kid":"a\u0000"}"#, .noKeyName),
            (#"{"alg":"RS256","kid":"ins_2"}"#, .unknownKey("ins_2")),
            (#"{"alg":"RS256","kid":"../../etc/passwd"}"#, .unknownKey("../../etc/passwd")),
            (#"{"alg":"RS256","kid":"ins_1","kid":"ins_1"}"#, .malformed),
            (#"{"alg":"none","alg":"RS256","kid":"ins_1"}"#, .malformed), ("[]", .malformed),
            ("", .malformed),
            ("\"RS256\"", .malformed), (#"{"alg":"RS256","kid":"ins_1",}"#, .malformed),
            (#"{'alg':'RS256','kid':'ins_1'}"#, .malformed), ("{} {}", .malformed),
            ("\u{FEFF}{}", .malformed),
        ] as [(String, TokenError?)])
    func `a header is taken as the policy says, or not at all`(header: String, expected: TokenError?) throws {
        #expect(try outcome(TestIssuer().token(header: header, session())) == expected)
    }

    @Test func `the leeway has no part in what is told`() throws {
        let issuer = try TestIssuer()
        let token = issuer.token(session(["exp": "\(now - 4).75"]))
        #expect(
            try verifier().claims(of: token, by: .cookie, key: { _ in issuer.key }, at: now).expiresAt == now
                - 4)
    }

    @Test func `an address counts as verified only where the issuer says so in so many words`() throws {
        let issuer = try TestIssuer()
        for value in ["\"true\"", "1", "null", "false"] {
            let token = issuer.token(session(["email": "\"a@b.example\"", "email_verified": value]))
            #expect(
                try !verifier().claims(of: token, by: .cookie, key: { _ in issuer.key }, at: now)
                    .emailVerified)
        }
        let nobody = issuer.token(session(["email_verified": "true"]))
        #expect(
            try !verifier().claims(of: nobody, by: .cookie, key: { _ in issuer.key }, at: now).emailVerified)
    }
}

extension TokenTests {
    /// A token is made anew each minute: when it was made says nothing of when somebody signed in.
    @Test(
        arguments: [
            (["fva": "[0,-1]"], now), (["fva": "[7,-1]"], now - 420), (["fva": "[-1,-1]"], nil),
            (["fva": nil], nil),
            (["fva": "[]"], nil), (["fva": "[\"0\"]"], nil), (["fva": "7"], nil), (["fva": "[1e300]"], nil),
            (["fva": "[3]", "iat": nil], nil), (["fva": nil, "auth_time": "\(now - 90)"], now - 90),
            (["auth_time": "\(now - 90)"], now - 90),
        ] as [([String: String?], Int?)])
    func `a token tells when somebody proved who they are, or does not`(
        changes: [String: String?], expected: Int?
    ) throws {
        let issuer = try TestIssuer()
        let claims = try verifier().claims(
            of: issuer.token(session(changes)), by: .cookie, key: { _ in issuer.key }, at: now)
        #expect(claims.signedInAt == expected)
    }

    @Test func `nobody is turned away for what they are called`() throws {
        let issuer = try TestIssuer()
        for (name, expected) in [("\"Ada\"", "Ada"), ("7", nil), ("\"a\\nb\"", nil), ("\"\"", nil)] {
            let claims = try verifier().claims(
                of: issuer.token(session(["name": name])), by: .bearer, key: { _ in issuer.key }, at: now)
            #expect(claims.name == expected)
        }
    }
}
