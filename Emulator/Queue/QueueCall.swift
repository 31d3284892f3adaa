import Foundation
import Groundwork

/// One request, believed and about to be answered.
struct QueueCall {
    let server: QueueServer
    let body: Data
    let senderID: String
    let host: String

    private struct Nothing: Encodable {}

    func answer(_ action: QueueAction) async throws -> Data {
        switch action {
        case .createQueue: try await encoded(createQueue())
        case .deleteQueue: try await nothing(store.remove(queueName()))
        case .getQueueURL: try await encoded(queueURL())
        case .listQueues: try await encoded(listQueues())
        case .getQueueAttributes: try await encoded(attributes())
        case .setQueueAttributes: try await nothing(setAttributes())
        case .purgeQueue: try await nothing(store.purge(queueName()))
        case .sendMessage: try await encoded(send())
        case .sendMessageBatch: try await encoded(sendBatch())
        case .receiveMessage: try await encoded(receive())
        case .deleteMessage: try await nothing(delete())
        case .deleteMessageBatch: try await encoded(deleteBatch())
        case .changeMessageVisibility: try await nothing(changeVisibility())
        case .changeMessageVisibilityBatch: try await encoded(changeVisibilityBatch())
        }
    }

    /// SQS's members begin with a capital, ours do not.
    private struct MemberName: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    var store: QueueStore { server.store }

    private func encoded(_ document: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .custom { path in
            let name = path[path.count - 1].stringValue
            return MemberName(name.prefix(1).uppercased() + name.dropFirst())
        }
        return try encoder.encode(document)
    }

    private func nothing(_: Void) throws -> Data { try encoded(Nothing()) }

    func decoded<Document: Decodable>(_: Document.Type = Document.self) throws -> Document {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .custom { path in
            let name = path[path.count - 1].stringValue
            return MemberName(name.prefix(1).lowercased() + name.dropFirst())
        }
        do { return try decoder.decode(Document.self, from: body) } catch {
            throw QueueError(
                "SerializationException", "The request's document does not have the shape it should.")
        }
    }

    func queueName() throws -> String {
        guard let url = try decoded(QueueDocument.Queue.self).queueUrl else {
            throw QueueError.missing("QueueUrl")
        }
        return try name(inURL: url)
    }

    /// Whatever the host: a function may know this server under another name than the client that made the
    /// queue.
    private func name(inURL url: String) throws -> String {
        let path = url.split(separator: "/", omittingEmptySubsequences: false)
        guard path.count == 5, path[3] == server.account else {
            throw QueueError("InvalidAddress", "The address \(url) is not valid for this endpoint.")
        }
        return String(path[4])
    }

    private func url(of name: String) -> String { "http://\(host)/\(server.account)/\(name)" }
    func arn(of name: String) -> String { "arn:aws:sqs:\(server.region):\(server.account):\(name)" }

    private struct QueueURL: Encodable { let queueUrl: String }

    private func createQueue() async throws -> QueueURL {
        let document = try decoded(QueueDocument.Queue.self)
        guard let name = document.queueName, !name.isEmpty else { throw QueueError.missing("QueueName") }
        guard !name.hasSuffix(".fifo"), document.attributes?["FifoQueue"] != "true" else {
            throw QueueError(
                "UnsupportedOperation", code: "AWS.SimpleQueueService.UnsupportedOperation",
                "FIFO queues are not kept here.")
        }
        let settings = try await settings(document.attributes ?? [:], over: QueueSettings())
        if await store.names.contains(name) {
            guard try await store.settings(of: name) == settings else { throw QueueError.nameExists }
        } else {
            try await store.declare(name, settings)
        }
        return QueueURL(queueUrl: url(of: name))
    }

    private func queueURL() async throws -> QueueURL {
        let document = try decoded(QueueDocument.Queue.self)
        guard let name = document.queueName else { throw QueueError.missing("QueueName") }
        guard [nil, server.account].contains(document.queueOwnerAWSAccountId),
            await store.names.contains(name)
        else {
            throw QueueError.noSuchQueue
        }
        return QueueURL(queueUrl: url(of: name))
    }

    private struct QueueURLs: Encodable {
        let queueUrls: [String]?
        let nextToken: String?
    }

    private func listQueues() async throws -> QueueURLs {
        let document = try decoded(QueueDocument.Queue.self)
        let names = await store.names.filter { $0.hasPrefix(document.queueNamePrefix ?? "") }
        return try page(names, document)
    }

    private func page(_ names: [String], _ document: QueueDocument.Queue) throws -> QueueURLs {
        let limit = document.maxResults ?? 1000
        guard (1...1000).contains(limit) else {
            throw QueueError.invalid("MaxResults must be from 1 to 1000.")
        }
        let rest = names.filter { $0 > document.nextToken ?? "" }
        let page = rest.prefix(limit)
        return QueueURLs(
            queueUrls: page.isEmpty ? nil : page.map(url),
            nextToken: document.maxResults != nil && page.count < rest.count ? page.last : nil)
    }

    private struct Attributes: Encodable { let attributes: [String: String]? }

    private func attributes() async throws -> Attributes {
        let name = try queueName()
        let settings = try await store.settings(of: name)
        let counts = try await store.counts(of: name)
        let all = settings.attributes(arn: arn, of: name, counts)
        let asked = try decoded(QueueDocument.Queue.self).attributeNames ?? []
        for name in asked where name != "All" && !QueueSettings.attributeNames.contains(name) {
            throw QueueError.invalidAttribute(name)
        }
        let told = asked.contains("All") ? all : all.filter { asked.contains($0.key) }
        return Attributes(attributes: told.isEmpty ? nil : told)
    }

    private func setAttributes() async throws {
        let name = try queueName()
        let old = try await store.settings(of: name)
        let changes = try decoded(QueueDocument.Queue.self).attributes ?? [:]
        guard !changes.isEmpty else { throw QueueError.missing("Attribute.Name") }
        try await store.declare(name, settings(changes, over: old))
    }

    private func settings(_ attributes: [String: String], over old: QueueSettings) async throws
        -> QueueSettings
    {
        let settings = try old.with(attributes, arnBeginning: arn(of: ""))
        if let target = settings.redrive?.deadLetterQueue, !(await store.names.contains(target)) {
            throw QueueError.invalid(
                "Value \(attributes["RedrivePolicy"] ?? "") for parameter RedrivePolicy is invalid. "
                    + "Reason: Dead "
                    + "letter target does not exist.")
        }
        return settings
    }
}
