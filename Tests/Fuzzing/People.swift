import Cryptography
import Foundation

@testable import Identity

/// What says who somebody is.
let people: [Parser] = [
    { bytes in
        let words = texts(bytes, 3)
        let shown = refusing {
            try PresentedToken.shown(
                headers: words[0].isEmpty ? [:] : ["authorization": words[0]],
                cookies: ["__session": words[1], "__session_a": words[2]])
        }
        guard let token = shown ?? nil else { return }
        let claims = refusing {
            try verifier.claims(of: token, key: { _ in key }, at: 1_800_000_000)
        }
        holds(claims == nil, "nobody has signed \(token.text)")
    },
    { bytes in
        // As if it had been signed.
        _ = refusing { try Claims(bytes, carrier: .bearer, under: verifier.policy, at: 1_800_000_000) }
    },
    { bytes in
        _ = refusing { try SigningKey.keySet(from: bytes, of: issuer) }
        _ = refusing { try Discovery(from: bytes, of: issuer) }
        _ = refusing { try Issuer(text(bytes)) }
    },
    { bytes in
        _ = refusing { try AccountEvent(bytes) }
        let words = texts(bytes, 4)
        let headers = ["svix-id": words[0], "svix-timestamp": words[1], "svix-signature": words[2]]
        let signature = refusing {
            try SvixSignature(
                verifying: Array(words[3].utf8), headers: headers,
                secrets: ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"],
                now: Date(timeIntervalSince1970: 1_800_000_000))
        }
        holds(signature == nil, "nobody has signed it")
    },
    { bytes in
        let word = text(bytes)
        if let decoded = Base64URL.decoded(word) { holds(Base64URL.encoded(decoded) == word, word) }
        holds(Base64URL.decoded(Base64URL.encoded(bytes)) == bytes, word)
        holds(Base64.decoded(Base64.encoded(bytes)) == bytes, word)
        if let decoded = Hex.decoded(word) { holds(Hex.encoded(decoded) == word.lowercased(), word) }
        holds(Hex.decoded(Hex.encoded(bytes)) == bytes, word)
    },
]

private let issuer: Issuer = {
    do { return try Issuer("https://issuer.example") } catch { fatalError("\(error)") }
}()

private let verifier: TokenVerifier = {
    let parties = ["https://shop.example"]
    do {
        return TokenVerifier(try TokenPolicy(issuer: issuer, authorizedParties: parties, audience: nil))
    } catch { fatalError("\(error)") }
}()

/// Its private half is nowhere: the modulus is of the bytes 0xC3.
private let key: SigningKey = {
    let modulus = Base64URL.encoded([UInt8](repeating: 0xC3, count: 256))
    let key = #"{"kty":"RSA","kid":"k","alg":"RS256","use":"sig","n":"\#(modulus)","e":"AQAB"}"#
    let document = #"{"keys":[\#(key)]}"#
    guard let keys = refusing({ try SigningKey.keySet(from: Array(document.utf8), of: issuer) }),
        let key = keys.first
    else { fatalError("the key is none") }
    return key
}()
