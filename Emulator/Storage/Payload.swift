import Cryptography
import Groundwork
import NIOCore

/// How the body of a request is to be read and what proves it.
struct PayloadPlan: Sendable {
    enum Mode: Sendable {
        case hash([UInt8])
        case unsigned
        /// `aws-chunked`, its chunks signed or not, checksums in a trailer or none.
        case chunked(ChunkSignatures?, trailer: ChecksumAlgorithm?)
    }

    let mode: Mode
    /// Of the object, not of the chunks around it.
    let bytes: Int
    let md5: [UInt8]?
    /// From a header; a trailer's comes with the body.
    let checksum: (algorithm: ChecksumAlgorithm, digest: [UInt8])?

    /// S3's limit on a single PUT.
    static let largestBytes = 5 << 30

    /// `ofObject` where checksums in headers speak of an object made by the request, not of the request's own
    /// body.
    init(_ arrival: Arrival, _ authority: S3Authority, ofObject: Bool = false) throws(S3Error) {
        guard let length = arrival.header("content-length").flatMap(Self.count) else { throw .missingLength }
        mode = try Self.mode(arrival, authority)
        if case .chunked = mode {
            guard let decoded = arrival.header("x-amz-decoded-content-length").flatMap(Self.count) else {
                throw .missingLength
            }
            bytes = decoded
        } else {
            bytes = length
        }
        guard bytes <= Self.largestBytes else { throw .tooLarge(bytes, limit: Self.largestBytes) }
        md5 = try arrival.header("content-md5").map { text throws(S3Error) in
            guard let digest = Base64.decoded(text), digest.count == 16 else { throw .invalidDigest }
            return digest
        }
        checksum = ofObject ? nil : try Self.checksum(arrival)
    }

    private static func mode(_ arrival: Arrival, _ authority: S3Authority) throws(S3Error) -> Mode {
        guard case .signed(let signature) = authority else { return .unsigned }
        let trailer = try arrival.header("x-amz-trailer").map { name throws(S3Error) in
            guard let algorithm = ChecksumAlgorithm.allCases.first(where: { $0.header == name.lowercased() })
            else { throw .invalidRequest("The value specified in the x-amz-trailer header is not supported") }
            return algorithm
        }
        switch signature.payload {
        case "UNSIGNED-PAYLOAD": return .unsigned
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": return .chunked(signature.chunks(), trailer: nil)
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER":
            guard let trailer else { throw .invalidPayloadMode }
            return .chunked(signature.chunks(), trailer: trailer)
        case "STREAMING-UNSIGNED-PAYLOAD-TRAILER":
            guard let trailer else { throw .invalidPayloadMode }
            return .chunked(nil, trailer: trailer)
        case let hash:
            guard let digest = Hex.decoded(hash), digest.count == SHA256.byteCount else {
                throw .invalidPayloadMode
            }
            return .hash(digest)
        }
    }

    private static func checksum(
        _ arrival: Arrival
    ) throws(S3Error) -> (algorithm: ChecksumAlgorithm, digest: [UInt8])? {
        let sent = ChecksumAlgorithm.allCases.filter { arrival.header($0.header) != nil }
        guard sent.count <= 1 else {
            throw .invalidRequest(
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
        }
        guard let algorithm = sent.first else { return nil }
        guard let digest = Base64.decoded(arrival.header(algorithm.header) ?? ""),
            digest.count == algorithm.length
        else { throw .invalidRequest("Value for \(algorithm.header) header is invalid.") }
        return (algorithm, digest)
    }

    /// Digits only: `Int` would take a sign.
    static func count(_ text: String) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
