import Foundation
import HTTP

@testable import AWS
@testable import Lambda

/// What the platform sends.
let platform: [Parser] = [
    { bytes in
        guard let json = refusing({ try JSON(parsing: bytes) }) else { return }
        switch Event(json) {
        case .http(let event):
            let request = event.request(Invocation())
            let whole = refusing { try event.completed(request) }
            _ = refusing { try whole?.decoded(as: [String: Int?].self) }
        case .storage(let records): for record in records { _ = refusing { try StorageRecord(record) } }
        case .queue(let records):
            for record in records {
                let message = refusing { try QueueMessage(record) }
                _ = refusing { try message?.decoded(as: [String: [String]].self) }
            }
        case .bus(let event):
            let told = refusing { try BusEvent(event) }
            _ = refusing { try told?.decoded(as: [String: [String]].self) }
        case .schedule(let event): _ = refusing { try ScheduleEvent(event) }
        case .storageTest, .other: break
        }
    },
    { bytes in
        guard let query = refusing({ try Query(parsing: text(bytes)) }) else { return }
        for name in query.names {
            _ = query.all(name)
            _ = refusing { try query.integer(name, in: 0...10) }
            _ = refusing { try query.boolean(name) }
        }
    },
    { bytes in
        // The first byte says in pieces of which size they come.
        var rest = bytes.dropFirst()
        let piece = Int(bytes.first ?? 0) + 1
        var reader = AnswerReader()
        while !rest.isEmpty {
            let answer = refusing {
                try reader.answer { buffer in
                    let count = min(piece, rest.count, buffer.count)
                    buffer.copyBytes(from: rest.prefix(count))
                    rest = rest.dropFirst(count)
                    return count
                }
            }
            guard answer != nil else { return }
        }
    },
    { bytes in
        let words = texts(bytes, 2)
        let response = HTTP.Response(status: 503, headers: ["retry-after": words[0]])
        if let wait = response.retryAfterMilliseconds(now: Date(timeIntervalSince1970: 1_800_000_000)) {
            holds(wait >= 0, words[0])
        }
        if let context = TraceContext(header: words[0]) {
            holds(TraceContext(header: context.header) == context, words[0])
        }
        holds(AWS.PercentEncoding.decodedForm(AWS.PercentEncoding.encoded(words[1])) == words[1], words[1])
    },
]
