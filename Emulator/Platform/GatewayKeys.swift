import Cryptography
import Foundation
import Groundwork
import HTTP

/// The signing keys of one issuer, found by OpenID Connect discovery.
///
/// Kept for two hours, as the platform keeps them. An unknown key id fetches anew, at most once in the floor,
/// so that forged ids cost the issuer nothing. Where fetching fails, the keys that are known stay.
actor SigningKeys {
    private let issuer: String
    private let floor: Duration
    private var keys: [String: RSAPublicKey] = [:]
    private var tried: ContinuousClock.Instant?
    private var fetched: ContinuousClock.Instant?
    private var fetching: Task<[String: RSAPublicKey], any Error>?

    static let lifetime = Duration.seconds(2 * 60 * 60)
    static let documentLimitBytes = 1 << 20

    /// What the issuer's documents are wrong in.
    struct Unreadable: Error, CustomStringConvertible {
        var description: String
    }

    init(issuer: String, floor: Duration = .seconds(10)) {
        self.issuer = issuer
        self.floor = floor
    }

    /// nil for an id that the issuer does not publish. Throws only while no key at all is known.
    func key(_ id: String) async throws -> RSAPublicKey? {
        let now = ContinuousClock.now
        let isFresh = fetched.map { now - $0 < Self.lifetime } ?? false
        if isFresh, let key = keys[id] { return key }
        if fetching == nil, let tried, now - tried < floor { return keys[id] }
        do {
            keys = try await refreshed(now)
        } catch {
            if keys.isEmpty {
                // Nothing is known that the floor could protect: the next request may try again.
                tried = nil
                throw error
            }
        }
        return keys[id]
    }

    /// Many may wait for one fetch.
    private func refreshed(_ now: ContinuousClock.Instant) async throws -> [String: RSAPublicKey] {
        if let fetching { return try await fetching.value }
        tried = now
        let task = Task { try await fetch() }
        fetching = task
        defer { fetching = nil }
        let keys = try await task.value
        fetched = now
        return keys
    }

    private func fetch() async throws -> [String: RSAPublicKey] {
        let base = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        let discovery = try await document(base + "/.well-known/openid-configuration")
        guard let address = discovery["jwks_uri"]?.text else {
            throw Unreadable(description: "the discovery document of \(issuer) names no jwks_uri")
        }
        guard case .array(let members) = try await document(address)["keys"] else {
            throw Unreadable(description: "\(address) holds no keys")
        }
        var keys: [String: RSAPublicKey] = [:]
        for member in members {
            guard member["kty"]?.text == "RSA", let id = member["kid"]?.text,
                member["use"].map({ $0.text == "sig" }) ?? true,
                member["alg"].map({ $0.text == RSAAlgorithm.rs256.rawValue }) ?? true,
                let modulus = member["n"]?.text.flatMap(Base64URL.decoded),
                let exponent = member["e"]?.text.flatMap(Base64URL.decoded),
                let key = try? RSAPublicKey(modulus: modulus, exponent: exponent)
            else { continue }
            keys[id] = key
        }
        return keys
    }

    private func document(_ address: String) async throws -> JSONValue {
        let request = Request("GET", address, timeoutMilliseconds: 5_000, repeatable: true)
        let response = try await Outbound.send(request, largestBody: Self.documentLimitBytes)
        guard response.status == 200 else {
            throw Unreadable(description: "\(address) answered \(response.status)")
        }
        return try JSONDecoder().decode(JSONValue.self, from: Data(response.body))
    }
}
