import Cryptography

/// Names one delivery of one message: which message of which queue, and the how-manieth time.
struct Receipt {
    let id: String
    let count: Int
    let text: String

    init(_ message: String, count: Int, of queue: String) {
        (id, self.count) = (message, count)
        text = Base64.encoded(Array("\(queue)/\(message)/\(count)".utf8))
    }

    init(_ text: String, of queue: String) throws(QueueError) {
        let content = Base64.decoded(text).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let parts = content.split(separator: "/")
        guard parts.count == 3, parts[0] == queue, let count = Int(parts[2]) else {
            throw .invalidReceipt(text)
        }
        (id, self.count, self.text) = (String(parts[1]), count, text)
    }
}
