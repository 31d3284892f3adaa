import Cryptography

/// The keys that sign tokens, the oldest first: one signs, the next may be announced, the last still verify.
struct SigningKeys: Sendable {
    struct SigningKey: Sendable {
        var id: String
        var key: RSAPrivateKey
        /// From this second on, in seconds since 1970.
        var signsFrom: Int

        init(signsFrom: Int) {
            let key = RSAPrivateKey()
            id = "ins_" + Base64URL.encoded(Array(SHA256.hash(key.publicKey.modulus).prefix(18)))
            self.key = key
            self.signsFrom = signsFrom
        }

        init?(_ stored: JSON, id: String) {
            guard let pem = stored["pem"].string, let key = try? RSAPrivateKey(pem: pem),
                let signsFrom = stored["signsFrom"].integer
            else { return nil }
            self.id = id
            self.key = key
            self.signsFrom = signsFrom
        }

        var stored: JSON { ["pem": .string(key.pem), "signsFrom": .integer(signsFrom)] }

        /// RFC 7517.
        var published: JSON {
            [
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": .string(id),
                "n": .string(Base64URL.encoded(key.publicKey.modulus)),
                "e": .string(Base64URL.encoded(key.publicKey.exponent)),
            ]
        }
    }

    private(set) var all: [SigningKey]
    /// How long a key is published after its last signature: until what it signed has expired.
    let tokenSeconds: Int

    init(_ all: [SigningKey], tokenSeconds: Int) {
        self.all = all.sorted { $0.signsFrom < $1.signsFrom }
        self.tokenSeconds = tokenSeconds
    }

    mutating func add(_ key: SigningKey) {
        all = (all + [key]).sorted { $0.signsFrom < $1.signsFrom }
    }

    func signing(at now: Int) -> SigningKey? { all.last { $0.signsFrom <= now } ?? all.first }

    /// A minute more than needed, for clocks that differ.
    func published(at now: Int) -> [SigningKey] {
        all.indices.filter { index in
            index + 1 == all.count || all[index + 1].signsFrom + tokenSeconds + 60 > now
        }.map { all[$0] }
    }

    func key(_ id: String) -> SigningKey? { all.first { $0.id == id } }
}
