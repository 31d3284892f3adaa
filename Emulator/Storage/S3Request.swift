import Groundwork
import Hummingbird
import NIOCore

/// A request and what it names: a bucket, perhaps an object, perhaps a part of either (`?cors`,
/// `?uploadId=`).
struct S3Request: Sendable {
    let arrival: Arrival
    let bucket: String?
    let key: ObjectKey?
    let body: RequestBody
    let id: String

    init(_ request: Request, id: String) throws(S3Error) {
        guard let arrival = Arrival(request) else {
            throw S3Error(.badRequest, "InvalidURI", "Couldn't parse the specified URI.")
        }
        var path = arrival.path.dropFirst()
        if let host = Self.bucket(inHost: arrival.hostName) {
            bucket = host
        } else if path.isEmpty {
            bucket = nil
        } else {
            let name = path.prefix { $0 != 0x2F }
            bucket = String(decoding: name, as: UTF8.self)
            path = path.dropFirst(name.count + 1)
        }
        key = path.isEmpty ? nil : ObjectKey(path)
        (self.arrival, self.body, self.id) = (arrival, request.body, id)
        guard path.count <= 1024 else {
            throw S3Error(.badRequest, "KeyTooLongError", "Your key is too long")
        }
    }

    /// `media.localhost` and `media.s3.eu-central-1.localhost` name the bucket `media`; a bare host names
    /// none.
    static func bucket(inHost host: String) -> String? {
        var labels = host.lowercased().split(separator: ".", omittingEmptySubsequences: false)
        guard labels.last == "localhost" else { return nil }
        labels.removeLast()
        if let service = labels.lastIndex(of: "s3"), labels.count - service <= 2 {
            labels.removeSubrange(service...)
        }
        return labels.isEmpty ? nil : labels.joined(separator: ".")
    }

    func header(_ name: String) -> String? { arrival.header(name) }
    func parameter(_ name: String) -> String? { arrival.parameter(name) }
    func has(_ parameter: String) -> Bool { arrival.parameter(parameter) != nil }

    /// A small body, whole, proved as the signature says.
    func collected(_ authority: S3Authority, atMost limit: Int = 2 << 20) async throws -> [UInt8] {
        let plan = try PayloadPlan(arrival, authority)
        guard plan.bytes <= limit else { throw S3Error.malformedXML }
        let collector = ByteCollector()
        try await read(plan, into: collector)
        return collector.bytes
    }

    func document(_ authority: S3Authority, root: String) async throws -> XMLElement {
        guard let document = XMLReader.read(try await collected(authority)), document.name == root else {
            throw S3Error.malformedXML
        }
        return document
    }
}

/// Where the bytes of a body go.
protocol PayloadSink {
    func append(_ buffer: ByteBuffer) async throws
}

extension BlobWriter: PayloadSink {}
