import Cryptography
import Foundation
import Identity
import Testing

/// Against PyJWT, which nobody here wrote. `EARSHELF_PYTHON` names a Python that has it; `EARSHELF_SEED`
/// repeats a run.
@Suite(.enabled(if: PythonLibrary.python != nil, "EARSHELF_PYTHON names no Python.")) struct PyJWTTests {
    @Test func `PyJWT's tokens are read as it meant them, and ours are verified by it`() throws {
        let seed =
            ProcessInfo.processInfo.environment["EARSHELF_SEED"] ?? String(UInt32.random(in: 0...UInt32.max))
        let comment: Comment = "EARSHELF_SEED=\(seed)"
        let ours = try TestIssuer()
        var question = Question(
            n: Base64URL.encoded(ours.key.key.modulus), e: Base64URL.encoded(ours.key.key.exponent),
            tokens: [])
        for algorithm in RSAAlgorithm.allCases {
            let parts = #"{"alg":"\#(algorithm.rawValue)"}"#
            let text = Base64URL.encoded(Array(parts.utf8)) + "." + Base64URL.encoded(Array(session().utf8))
            let good = ours.signer.signature(of: Array(text.utf8), with: algorithm)
            let bad = try TestIssuer(otherKey: true).signer.signature(of: Array(text.utf8), with: algorithm)
            for signature in [good, bad] {
                question.tokens.append(
                    .init(algorithm: algorithm.rawValue, text: text + "." + Base64URL.encoded(signature)))
            }
        }
        let answer = try Self.answer(to: question, seed: seed)
        #expect(answer.accepted == [true, false, true, false, true, false], comment)

        let keys = try SigningKey.keySet(from: Array(answer.keySet.utf8), of: ours.issuer)
        #expect(keys.map(\.id) == ["py_1"], comment)
        #expect(answer.tokens.count == 50)
        for token in answer.tokens {
            let claims = try verifier(audience: "shop").claims(
                of: token.text, by: .cookie, key: { name in keys.first { $0.id == name } }, at: now)
            #expect(claims.subject.utf8.elementsEqual(token.subject.utf8), comment)
            #expect(claims.expiresAt == token.expiresAt, comment)
        }
    }

    private static func answer(to question: Question, seed: String) throws -> Answer {
        try PythonLibrary.answer(to: question, by: "pyjwt_tokens.py", seed: seed, needing: "PyJWT")
    }

    private struct Question: Encodable {
        struct Token: Encodable {
            let algorithm: String
            let text: String
        }
        let n: String
        let e: String
        var tokens: [Token]
    }

    private struct Answer: Decodable {
        struct Token: Decodable {
            let text: String
            let subject: String
            let expiresAt: Int
        }
        let keySet: String
        let tokens: [Token]
        let accepted: [Bool]
    }
}
