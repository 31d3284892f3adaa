import Cryptography
import Foundation
import Groundwork

/// Who there is, who is signed in, and the keys, behind one door.
actor IdentityLedger {
    /// What the shop asked for when it sent somebody to the sign-in page.
    struct Authorization: Sendable {
        var redirect: String
        var origin: String
        var challenge: String
        var scope: String
        var nonce: String?
    }

    struct Tokens: Sendable {
        var access: String
        var identity: String?
        var refresh: String?
        var scope: String
    }

    var objects: DurableObjects
    private var keys: SigningKeys
    let configuration: IdentityStandIn.Configuration
    private(set) var issuer = ""
    /// Ids of events to deliver, in the order in which they happened.
    nonisolated let deliveries: AsyncStream<String>
    let toDeliver: AsyncStream<String>.Continuation
    private let thread = SerialThread("identity")

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    private static let codeSeconds = 60
    private static let refreshSeconds = 30 * 86400

    init(_ configuration: IdentityStandIn.Configuration) throws {
        self.configuration = configuration
        (deliveries, toDeliver) = AsyncStream.makeStream()
        var objects = try DurableObjects(file: configuration.folder.appending(path: "identity.jsonl"))
        let now = Int(configuration.now().timeIntervalSince1970)
        try objects.commit(
            ["code", "refresh"].flatMap { kind in
                objects.ids(of: kind)
                    .filter { (objects[kind, $0]?["expires"].integer ?? 0) <= now }
                    .map { DurableObjects.Change(key: .init(kind: kind, id: $0), value: nil) }
            })
        keys = SigningKeys(
            objects.ids(of: "key").compactMap { [objects] id in
                objects["key", id].flatMap { .init($0, id: id) }
            }, tokenSeconds: configuration.tokenSeconds)
        if keys.all.isEmpty {
            let first = SigningKeys.SigningKey(signsFrom: 0)
            try objects.commit([.init(key: .init(kind: "key", id: first.id), value: first.stored)])
            keys.add(first)
        }
        self.objects = objects
    }

    private var now: Int { Int(configuration.now().timeIntervalSince1970) }

    func begin(at address: String) {
        issuer = configuration.issuer ?? address
        takeUpDeliveries()
    }

    var publishedKeys: JSON { ["keys": .array(keys.published(at: now).map(\.published))] }

    /// Adds a key that signs after it has been announced, or at once.
    func rotate(isImmediate: Bool) throws -> JSON {
        let key = SigningKeys.SigningKey(
            signsFrom: isImmediate ? now : now + configuration.announcementSeconds)
        try objects.commit([.init(key: .init(kind: "key", id: key.id), value: key.stored)])
        keys.add(key)
        return ["kid": .string(key.id), "signsFrom": .integer(key.signsFrom)]
    }
}

extension IdentityLedger {
    /// A code that is good once and for a minute (RFC 6749, section 4.1.2).
    func code(for person: IdentityStandIn.Person, _ authorization: Authorization) throws -> String {
        let code = Base64URL.encoded(randomBytes(32))
        let value: JSON = [
            "subject": .string(person.subject), "redirect": .string(authorization.redirect),
            "origin": .string(authorization.origin), "challenge": .string(authorization.challenge),
            "scope": .string(authorization.scope), "nonce": JSON(authorization.nonce),
            "expires": .integer(now + Self.codeSeconds),
        ]
        try objects.commit([.init(key: .init(kind: "code", id: Self.digest(code)), value: value)])
        return code
    }

    func redeem(code: String, redirect: String, verifier: String) throws -> Tokens {
        let id = Self.digest(code)
        guard var value = objects["code", id] else {
            throw IdentityProblem("invalid_grant", "The code is unknown.")
        }
        if let session = value["session"].string {
            // Somebody has it who should not: what it gave is taken back (RFC 6749, section 4.1.2).
            try end(session: session)
            throw IdentityProblem("invalid_grant", "The code has been used before.")
        }
        guard (value["expires"].integer ?? 0) > now else {
            throw IdentityProblem("invalid_grant", "The code has expired.")
        }
        guard value["redirect"].string == redirect else {
            throw IdentityProblem("invalid_grant", "The redirect_uri is not the one the code was made for.")
        }
        let challenge = Base64URL.encoded(SHA256.hash(Array(verifier.utf8)))
        guard constantTimeEqual(Array(challenge.utf8), Array((value["challenge"].string ?? "").utf8)) else {
            throw IdentityProblem("invalid_grant", "The code_verifier does not match the code_challenge.")
        }
        guard let person = value["subject"].string.flatMap(person) else {
            throw IdentityProblem("invalid_grant", "The person is gone.")
        }
        let session = try signIn(
            person, origin: value["origin"].string, scope: value["scope"].string ?? "openid")
        value["session"] = .string(session)
        try objects.commit([.init(key: .init(kind: "code", id: id), value: value)])
        return try tokens(of: session, nonce: value["nonce"].string)
    }

    func redeem(refresh: String) throws -> Tokens {
        let id = Self.digest(refresh)
        guard let value = objects["refresh", id], let session = value["session"].string else {
            throw IdentityProblem("invalid_grant", "The refresh token is unknown or was used before.")
        }
        guard (value["expires"].integer ?? 0) > now, objects["session", session]?["isEnded"] != true else {
            throw IdentityProblem("invalid_grant", "The session has ended.")
        }
        try objects.commit([.init(key: .init(kind: "refresh", id: id), value: nil)])
        return try tokens(of: session, nonce: nil)
    }

    /// RFC 7009. What is no token of ours is revoked already.
    func revoke(refresh: String) throws {
        try objects.commit([.init(key: .init(kind: "refresh", id: Self.digest(refresh)), value: nil)])
    }

    /// A session without the sign-in page, for scripts.
    func tokens(for person: IdentityStandIn.Person, origin: String, scope: String) throws -> Tokens {
        try tokens(of: signIn(person, origin: origin, scope: scope), nonce: nil)
    }

    func end(session: String) throws {
        guard let value = objects["session", session] else { return }
        let ended = value.merging(["isEnded": true])
        try objects.commit([.init(key: .init(kind: "session", id: session), value: ended)])
    }

    /// The session a token of ours speaks for, even where the token has expired.
    func session(inHint token: String) -> String? {
        let parts = token.split(separator: ".")
        guard parts.count == 3, let claims = Base64URL.decoded(parts[1]).flatMap({ try? JSON(parsing: $0) }),
            let header = Base64URL.decoded(parts[0]).flatMap({ try? JSON(parsing: $0) }),
            let key = header["kid"].string.flatMap(keys.key), let signature = Base64URL.decoded(parts[2]),
            key.key.publicKey.verifies(signature, of: Array("\(parts[0]).\(parts[1])".utf8))
        else { return nil }
        return claims["sid"].string
    }

    /// https://openid.net/specs/openid-connect-core-1_0.html#UserInfo; nil where the token is not good.
    func userInfo(for token: String) -> JSON? {
        guard let claims = SignedToken.claims(of: token, from: keys, at: now),
            let session = claims["sid"].string, objects["session", session]?["isEnded"] != true,
            let person = claims["sub"].string.flatMap(person)
        else { return nil }
        return [
            "sub": .string(person.subject), "name": .string(person.name), "email": .string(person.email),
            "email_verified": true,
        ]
    }

    private func signIn(
        _ person: IdentityStandIn.Person, origin: String?, scope: String
    ) throws -> String {
        let session = RandomID.make("sess_", length: 27)
        let value: JSON = [
            "subject": .string(person.subject), "origin": JSON(origin), "scope": .string(scope),
            "since": .integer(now),
        ]
        try objects.commit([.init(key: .init(kind: "session", id: session), value: value)])
        return session
    }

    private func tokens(of session: String, nonce: String?) throws -> Tokens {
        guard let value = objects["session", session], let person = value["subject"].string.flatMap(person),
            let key = keys.signing(at: now)
        else { throw IdentityProblem("invalid_grant", "The session is gone.") }
        let refresh = Base64URL.encoded(randomBytes(32))
        let record: JSON = ["session": .string(session), "expires": .integer(now + Self.refreshSeconds)]
        try objects.commit([.init(key: .init(kind: "refresh", id: Self.digest(refresh)), value: record)])
        let common: JSON = [
            "iss": .string(issuer), "sub": .string(person.subject), "sid": .string(session),
            "iat": .integer(now), "exp": .integer(now + configuration.tokenSeconds), "azp": value["origin"],
            "email": .string(person.email), "email_verified": true, "name": .string(person.name),
        ]
        // Clerk's `nbf` is ten seconds back, for clocks that are behind.
        let minutesSinceSignIn = max(0, now - (value["since"].integer ?? now)) / 60
        var access = common.merging([
            "nbf": .integer(now - 10), "jti": .string(Base64URL.encoded(randomBytes(12))), "sts": "active",
            "v": 2, "fva": [.integer(minutesSinceSignIn), -1],
        ])
        if let audience = configuration.audience { access["aud"] = .string(audience) }
        var identity = common.merging(["aud": .string(configuration.clientID), "auth_time": value["since"]])
        if let nonce { identity["nonce"] = .string(nonce) }
        return Tokens(
            access: SignedToken.encoded(access, as: .session, by: key),
            identity: SignedToken.encoded(identity, as: .template, by: key), refresh: refresh,
            scope: value["scope"].string ?? "openid")
    }

    /// What is stored of a secret.
    private static func digest(_ secret: String) -> String { Hex.encoded(SHA256.hash(Array(secret.utf8))) }
}
