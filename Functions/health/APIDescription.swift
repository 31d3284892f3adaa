import Core
import FoundationEssentials

/// The OpenAPI document as the build put it together. It changes with a release alone.
struct APIDescription {
    let document: [UInt8]
    /// The most literal first.
    private let addresses: [Address]

    /// The bundle holds no description: the build forgot it.
    struct Missing: Error, CustomStringConvertible {
        let path: String
        var description: String { "there is no description of the API at \(path)" }
    }

    init(in folder: String) throws {
        let path = folder + "/openapi.json"
        guard let document = FileManager.default.contents(atPath: path), !document.isEmpty else {
            throw Missing(path: path)
        }
        try self.init([UInt8](document))
    }

    init(_ document: [UInt8]) throws {
        self.document = document
        addresses = try JSONDecoder().decode(Paths.self, from: Data(document)).addresses
    }

    /// Nothing but the tag for those who have it already.
    func answer(to request: Request) -> Response {
        let headers = ["cache-control": "public, max-age=300"]
        return Response(200, bytes: document, type: "application/json", headers: headers).tagged(for: request)
    }
}

// What no route takes.
extension APIDescription {
    /// 405 where the address is one of the shop's (RFC 9110, section 15.5.6), and else 404.
    func refusal(of request: Request) -> Problem {
        addresses.first { $0.matches(request.path) }.map { .methodNotAllowed(knowing: $0.methods) }
            ?? .notFound
    }

    private struct Address {
        let segments: [Substring]
        let methods: [String]

        func matches(_ path: String) -> Bool {
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            return parts.count == segments.count
                && zip(parts, segments).allSatisfy { part, segment in
                    segment.hasPrefix("{") ? !part.isEmpty : part == segment
                }
        }
    }

    private struct Paths: Decodable {
        let paths: [String: [String: Anything]]

        private static let methods: Set = ["get", "put", "post", "delete", "patch"]

        var addresses: [Address] {
            // A literal sorts before a variable: `{` comes after every letter.
            paths.sorted { $0.key < $1.key }.map { path, members in
                Address(
                    segments: path.split(separator: "/", omittingEmptySubsequences: false),
                    methods: members.keys.filter(Self.methods.contains).sorted().map { $0.uppercased() })
            }
        }
    }

    private struct Anything: Decodable {
        init(from decoder: any Decoder) {}
    }
}
