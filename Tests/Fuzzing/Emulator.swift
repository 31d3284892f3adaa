import Dispatch
import Foundation
import NIOCore

@testable import Bus
@testable import Groundwork
@testable import Platform
@testable import StandIns
@testable import Storage
@testable import Template

/// What clients of the emulator send.
let emulator: [Parser] = [
    { bytes in
        guard let document = XMLReader.read(bytes) else { return }
        let rules = document.all("CORSRule").compactMap { rule in refusing { try CORSRule(rule) } }
        for rule in rules { _ = rule.allows("https://shop.example", "GET", headers: ["range"]) }
        holds(XMLReader.read(Array(document.document().utf8)) == document, document.document())
    },
    { bytes in
        let words = texts(bytes, 4)
        let headers = [
            (name: "Authorization", value: words[1]), (name: "Host", value: words[2]),
            (name: "x-amz-date", value: words[3]),
        ]
        for signed in [headers, Array(headers.dropFirst())] {
            guard let arrival = Arrival(method: "PUT", target: words[0], headers: signed) else { continue }
            _ = arrival.hostName
            _ = refusing { try SignatureClaim(arrival) }
            holds(PercentCoding.decode(PercentCoding.encode(arrival.path)) == arrival.path, words[0])
        }
    },
    { bytes in
        // The first byte says in pieces of which size they come.
        let pieces = bytes.dropFirst().chunked(Int(bytes.first ?? 0) + 1).map(ByteBuffer.init(bytes:))
        let signatures = ChunkSignatures(previous: "", timestamp: "20260101T000000Z", scope: "x", key: [1])
        waiting {
            for (signatures, trailer) in [(nil, nil), (nil, ChecksumAlgorithm.crc32), (signatures, .sha256)] {
                var decoder = ChunkedDecoder(signatures, trailer: trailer)
                var count = 0
                for piece in pieces { try await decoder.decode(piece) { count += $0.readableBytes } }
                holds(count <= bytes.count, "more came out than went in")
            }
        }
    },
    { bytes in
        let words = texts(bytes, 2)
        guard let tree = JSONTree(words[1]) else { return }
        if let pattern = refusing({ try EventPattern(words[0]) }) { _ = pattern.matches(tree) }
        let entry = EntryDocument(
            time: nil, source: words[0], detailType: words[0], detail: words[1], resources: [words[0]],
            eventBusName: nil, traceHeader: words[1])
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        _ = refusing { try AcceptedEvent(entry, on: "bus", of: "0", in: "eu-central-1", at: now) }
    },
    { bytes in
        let words = texts(bytes, 3)
        _ = SignedToken(words[0])
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let trace = TraceHeader(amazon: words[0], traceparent: words[1], now: now)
        holds(TraceHeader(amazon: trace.full) == trace, trace.full)
        for date in words.compactMap(Timestamp.basic) {
            holds(Timestamp.basic(Timestamp.basic(date)) == date, words[0])
        }
        _ = words.compactMap(Timestamp.extended)
        _ = words.compactMap(Timestamp.http)
    },
    { bytes in
        let words = texts(bytes, 2)
        _ = Form(parsing: words[0])
        guard let form = MultipartForm(Array(words[1].utf8), type: words[0]) else { return }
        for part in form.parts { _ = part.text }
    },
    { bytes in
        guard let tree = JSONTree(bytes) else { return }
        // A number may be greater than Foundation knows any.
        let object = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        holds(object != nil || tree.numbers.contains { Double($0)?.isFinite != true }, text(bytes))
    },
]

/// What whoever deploys has written.
let template: [Parser] = [
    { bytes in
        let yaml = text(bytes)
        _ = refusing { try Template.read(yaml) }
        _ = refusing { try EdgeReader.limits(in: yaml) }
    },
    { bytes in
        let fields = text(bytes).split(separator: " ").map(String.init)
        guard let cron = refusing({ try CronExpression(fields: fields) }) else { return }
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        if let next = cron.next(after: now) { holds(next > now, "\(fields) at \(next)") }
    },
]

extension JSONTree {
    fileprivate var numbers: [String] {
        switch self {
        case .number(let text): [text]
        case .array(let elements): elements.flatMap(\.numbers)
        case .object(let members): members.values.flatMap(\.numbers)
        case .null, .bool, .string: []
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func chunked(_ size: Int) -> [ArraySlice<UInt8>] {
        stride(from: startIndex, to: endIndex, by: size).map { self[$0..<Swift.min($0 + size, endIndex)] }
    }
}

/// Until it is done, for libFuzzer knows of no tasks; a refusal is an answer here too.
private func waiting(_ body: @escaping @Sendable () async throws -> Void) {
    let done = DispatchSemaphore(value: 0)
    Task {
        try? await body()
        done.signal()
    }
    done.wait()
}
