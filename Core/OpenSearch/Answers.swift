import Bookshop
import FoundationEssentials
import HTTP

/// What became of each phrase, in their order.
struct BulkAnswer: Decodable {
    struct Item: Decodable {
        let status: Int
        let error: ErrorWord?

        /// A newer one is there, which is as good.
        var isDone: Bool {
            (200..<300).contains(status)
                || status == 409 && error?.type == "version_conflict_engine_exception"
        }
        var isToComeAgain: Bool { status == 429 || status == 503 }
    }

    private let items: [[String: Item]]

    /// Nil if it does not say of each what became of it.
    func outcomes(of count: Int) -> [Item]? {
        let outcomes = items.compactMap { $0["index"] }
        return outcomes.count == count && items.count == count ? outcomes : nil
    }
}

struct SearchAnswer: Decodable {
    struct Hits: Decodable { let hits: [Hit] }
    struct Hit: Decodable {
        let id: String
        let sort: [SortValue]

        private enum CodingKeys: String, CodingKey {
            case id = "_id"
            case sort
        }

        /// Nil if it was not the shop that wrote this.
        var place: PassagePlace? {
            let parts = id.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let transcript = Transcript.ID(parts[0]), sort.count == 3,
                case .text(let title) = sort[0], case .text(let book) = sort[1],
                case .number(let position) = sort[2], let audiobook = Audiobook.ID(book),
                parts[1] == "\(position)", (1...Int(Int32.max)).contains(position)
            else { return nil }
            let mark = PassageMark(sortedTitle: title, audiobook: audiobook, position: position)
            return PassagePlace(transcript: transcript, mark: mark)
        }
    }

    enum SortValue: Decodable {
        case text(String)
        case number(Int)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let number = try? value.decode(Int.self) {
                self = .number(number)
            } else {
                self = .text(try value.decode(String.self))
            }
        }
    }

    let timedOut: Bool
    let shards: ShardsAnswer.Shards
    let hits: Hits

    private enum CodingKeys: String, CodingKey {
        case timedOut = "timed_out"
        case shards = "_shards"
        case hits
    }
}

struct ShardsAnswer: Decodable {
    struct Shards: Decodable { let failed: Int }
    let shards: Shards

    private enum CodingKeys: String, CodingKey { case shards = "_shards" }
}

struct DeletionAnswer: Decodable {
    /// What is in it is not read: it may quote a text.
    struct Failure: Decodable {}

    let timedOut: Bool
    let failures: [Failure]

    private enum CodingKeys: String, CodingKey {
        case timedOut = "timed_out"
        case failures
    }
}

/// The service's word for what is wrong. Its reason stays out: it may quote the text.
struct ErrorWord: Decodable { let type: String }

private struct ErrorAnswer: Decodable { let error: ErrorWord }

extension OutsideFailure {
    static let service = "opensearch"

    init(_ kind: Kind, code: String? = nil, reason: String) {
        self.init(Self.service, kind, code: code, reason: reason)
    }

    /// What is answered with another status than 2xx. A gateway or the security plugin may say it in words of its own.
    init(refusal response: Response) {
        let word = try? JSONDecoder().decode(ErrorAnswer.self, from: Data(response.body)).error.type
        let kind: Kind =
            switch response.status {
            case 429: .throttled(retryAfterSeconds: Self.seconds(response))
            case 408, 500...: .unavailable
            default: .refused
            }
        self.init(kind, code: word, reason: "status \(response.status)")
    }

    private static func seconds(_ response: Response) -> Int {
        ((response.retryAfterMilliseconds(now: Date()) ?? 20_000) + 999) / 1000
    }
}
