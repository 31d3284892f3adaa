import Cryptography

public struct ReceivedMessage: Hashable, Sendable {
    public let id: String
    public let body: String
    /// Of this delivery: it deletes the message, or gives it back.
    public let receipt: String
    /// 1 at the first delivery.
    public let receiveCount: Int
}

/// What came of each message of a batch, by its place in it.
public struct BatchResult: Hashable, Sendable {
    public struct Refusal: Hashable, Sendable {
        public let place: Int
        public let code: String
        /// The message itself is at fault: sent again it fails again.
        public let isSendersFault: Bool
    }

    /// By place, the message's id.
    public let sent: [Int: String]
    public let refused: [Refusal]
}

public struct QueueDepth: Hashable, Sendable {
    /// Each is approximate, as SQS counts.
    public let waiting: Int
    public let inFlight: Int
    public let delayed: Int
}

extension Queue {
    /// Answers with the message's id. At least once: a repeated call may leave two. `traceHeader` is X-Ray's,
    /// and goes along as the system attribute `AWSTraceHeader`.
    public func send(
        _ body: String, delaySeconds: Int = 0, traceHeader: String? = nil, at instant: Instant
    ) throws(SigningError) -> Call<String> {
        var parameters = QueueParameters(url: url, body: body)
        if delaySeconds > 0 { parameters.delaySeconds = delaySeconds }
        parameters.systemAttributes = traceHeader.map { ["AWSTraceHeader": .init(text: $0)] }
        return try call("SendMessage", parameters, at: instant) { (bytes) throws(AWSError) in
            let answer = try decoded(bytes, as: SentAnswer.self)
            guard answer.md5 == Hex.encoded(MD5.hash(body)) else { throw .unreadable("MD5OfMessageBody") }
            return answer.id
        }
    }

    /// Up to ten messages at once, each of which may be refused on its own.
    public func send(batch bodies: [String], at instant: Instant) throws(SigningError) -> Call<BatchResult> {
        precondition((1...10).contains(bodies.count), "A batch holds 1 to 10 messages.")
        var parameters = QueueParameters(url: url)
        parameters.entries = bodies.enumerated().map { .init(id: String($0.offset), body: $0.element) }
        return try call("SendMessageBatch", parameters, at: instant) { (bytes) throws(AWSError) in
            let answer = try decoded(bytes, as: BatchAnswer.self)
            var sent: [Int: String] = [:]
            for line in answer.sent ?? [] { sent[try place(line.place, of: bodies)] = line.id }
            var refused: [BatchResult.Refusal] = []
            for line in answer.refused ?? [] {
                refused.append(
                    BatchResult.Refusal(
                        place: try place(line.place, of: bodies), code: line.code,
                        isSendersFault: line.isSendersFault))
            }
            // A message of which nothing is said may be lost.
            guard Set(sent.keys).union(refused.map(\.place)).count == bodies.count
            else { throw .unreadable("SendMessageBatch") }
            return BatchResult(sent: sent, refused: refused)
        }
    }

    /// Up to ten messages, hidden from others for the visibility timeout. Waits up to 20 s for the first.
    public func receive(
        limit: Int = 10, visibilitySeconds: Int, waitSeconds: Int = 0, at instant: Instant
    ) throws(SigningError) -> Call<[ReceivedMessage]> {
        let parameters = QueueParameters(
            url: url, limit: limit, visibilitySeconds: visibilitySeconds, waitSeconds: waitSeconds,
            messageAttributes: ["ApproximateReceiveCount"])
        // Repeated after a lost answer, it would leave the messages of the first hidden for no one.
        return try call(
            "ReceiveMessage", parameters, repeatable: false,
            timeoutMilliseconds: 10_000 + waitSeconds * 1_000,
            at: instant
        ) { (bytes) throws(AWSError) in
            var messages: [ReceivedMessage] = []
            for message in try decoded(bytes, as: ReceivedAnswer.self).messages ?? [] {
                guard message.md5 == Hex.encoded(MD5.hash(message.body)) else {
                    throw .unreadable("MD5OfBody")
                }
                let count = message.attributes?["ApproximateReceiveCount"].flatMap { Int($0) }
                messages.append(
                    ReceivedMessage(
                        id: message.id, body: message.body, receipt: message.receipt, receiveCount: count ?? 1
                    ))
            }
            return messages
        }
    }

    public func delete(receipt: String, at instant: Instant) throws(SigningError) -> Call<Void> {
        try call("DeleteMessage", QueueParameters(url: url, receipt: receipt), at: instant, read: { _ in })
    }

    /// Counted from now, up to 12 h; 0 gives the message back at once.
    public func changeVisibility(
        receipt: String, seconds: Int, at instant: Instant
    ) throws(SigningError) -> Call<Void> {
        let parameters = QueueParameters(url: url, visibilitySeconds: seconds, receipt: receipt)
        return try call("ChangeMessageVisibility", parameters, at: instant, read: { _ in })
    }

    public func depth(at instant: Instant) throws(SigningError) -> Call<QueueDepth> {
        let (waiting, inFlight, delayed) = (
            "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed"
        )
        let parameters = QueueParameters(url: url, attributes: [waiting, inFlight, delayed])
        return try call("GetQueueAttributes", parameters, at: instant) { (bytes) throws(AWSError) in
            let attributes = try decoded(bytes, as: AttributesAnswer.self).attributes
            func count(_ name: String) throws(AWSError) -> Int {
                guard let text = attributes[name], let count = Int(text) else { throw .unreadable(name) }
                return count
            }
            return QueueDepth(
                waiting: try count(waiting), inFlight: try count(inFlight), delayed: try count(delayed))
        }
    }
}

private func place(_ id: String, of bodies: [String]) throws(AWSError) -> Int {
    guard let place = Int(id), bodies.indices.contains(place) else { throw .unreadable("SendMessageBatch") }
    return place
}
