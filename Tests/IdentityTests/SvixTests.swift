import Cryptography
import Foundation
import Identity
import Testing

/// Against Svix's own library. `EARSHELF_PYTHON` names a Python that has it; `EARSHELF_SEED` repeats a run.
@Suite(.enabled(if: PythonLibrary.python != nil, "EARSHELF_PYTHON names no Python.")) struct SvixTests {
    @Test func `what Svix signs is believed, and what we sign Svix believes`() throws {
        let seed =
            ProcessInfo.processInfo.environment["EARSHELF_SEED"] ?? String(UInt32.random(in: 0...UInt32.max))
        let comment: Comment = "EARSHELF_SEED=\(seed)"
        let key = randomBytes(24), now = Int(Date().timeIntervalSince1970)
        let body = Array(#"{"type":"user.deleted"}"#.utf8)
        func signed(_ timestamp: Int, by key: [UInt8]) -> Message {
            let signature = HMAC.sha256(key: key, message: Array("msg_1.\(timestamp).".utf8) + body)
            return Message(
                id: "msg_1", timestamp: "\(timestamp)", signature: "v1,\(Base64.encoded(signature))",
                body: Base64.encoded(body))
        }
        let answer = try Self.answer(
            to: Question(
                secret: "whsec_" + Base64.encoded(key),
                webhooks: [
                    signed(now, by: key), signed(now, by: randomBytes(24)), signed(now - 600, by: key),
                    signed(now + 600, by: key),
                ]), seed: seed)
        #expect(answer.accepted == [true, false, false, false], comment)

        #expect(answer.webhooks.count == 50)
        for webhook in answer.webhooks {
            let instant = Date(timeIntervalSince1970: Double(webhook.timestamp) ?? 0)
            let bytes = try #require(Base64.decoded(webhook.body))
            func verdict(_ body: [UInt8], _ secrets: [String]) -> SvixSignatureError? {
                do throws(SvixSignatureError) {
                    let signature = try SvixSignature(
                        verifying: body, headers: webhook.headers, secrets: secrets, now: instant)
                    #expect(signature.messageID == webhook.id, comment)
                    return nil
                } catch { return error }
            }
            #expect(verdict(bytes, [answer.secret]) == nil, comment)
            #expect(verdict(bytes + [32], [answer.secret]) == .noMatch, comment)
            let other = "whsec_" + Base64.encoded(randomBytes(24))
            #expect(verdict(bytes, [other]) == .noMatch, comment)
            #expect(verdict(bytes, [other, answer.secret]) == nil, comment)
        }
    }

    private static func answer(to question: Question, seed: String) throws -> Answer {
        try PythonLibrary.answer(to: question, by: "svix_webhooks.py", seed: seed, needing: "svix")
    }

    private struct Message: Codable {
        let id: String
        let timestamp: String
        let signature: String
        let body: String
        var headers: [String: String] {
            ["svix-id": id, "svix-timestamp": timestamp, "svix-signature": signature]
        }
    }

    private struct Question: Encodable {
        let secret: String
        let webhooks: [Message]
    }

    private struct Answer: Decodable {
        let secret: String
        let webhooks: [Message]
        let accepted: [Bool]
    }
}
