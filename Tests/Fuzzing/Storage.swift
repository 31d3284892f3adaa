import HTTP

@testable import AWS

/// What the storage and the queue send.
let storage: [Parser] = [
    { bytes in
        let response = HTTP.Response(status: 200, headers: ["etag": "\"1\""], body: bytes)
        for read in storageAnswers { read(response) }
        guard let element = refusing({ try XMLElement(bytes) }) else { return }
        let again = refusing { try XMLElement(Array("<a>\(XMLElement.escaped(element.text))</a>".utf8)) }
        holds(again?.text == element.text, text(bytes))
    },
    { bytes in
        let response = HTTP.Response(status: 200, body: bytes)
        for read in queueAnswers { read(response) }
    },
]

private let now = Instant(secondsSince1970: 1_800_000_000)

// One thread asks them: libFuzzer's.
nonisolated(unsafe) private let storageAnswers: [(HTTP.Response) -> Void] = {
    do {
        let credentials = try Credentials(accessKeyID: "AKID", secretAccessKey: "secret")
        let region = try Region("eu-central-1")
        let bucket = try Bucket("media", in: region, credentials: credentials)
        let key = try Bucket.Key("u/1/original")
        let upload = MultipartUpload(key: key, id: "1")
        let begun = try bucket.createMultipartUpload(key, contentType: "audio/mpeg", at: now)
        let parts = try bucket.parts(of: upload, at: now)
        let joined = try bucket.complete(upload, [], at: now)
        return [
            { response in _ = refusing { try begun.answer(to: response) } },
            { response in _ = refusing { try parts.answer(to: response) } },
            { response in _ = refusing { try joined.answer(to: response) } },
        ]
    } catch { fatalError("\(error)") }
}()

nonisolated(unsafe) private let queueAnswers: [(HTTP.Response) -> Void] = {
    do {
        let queue = try AWS.Queue(
            url: "https://sqs.eu-central-1.amazonaws.com/1/q", in: try Region("eu-central-1"),
            credentials: try Credentials(accessKeyID: "AKID", secretAccessKey: "secret"))
        let sent = try queue.send("a", at: now)
        let batch = try queue.send(batch: ["a", "b"], at: now)
        let received = try queue.receive(visibilitySeconds: 30, at: now)
        let depth = try queue.depth(at: now)
        return [
            { response in _ = refusing { try sent.answer(to: response) } },
            { response in _ = refusing { try batch.answer(to: response) } },
            { response in _ = refusing { try received.answer(to: response) } },
            { response in _ = refusing { try depth.answer(to: response) } },
        ]
    } catch { fatalError("\(error)") }
}()
