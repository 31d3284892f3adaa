import Cryptography
import HTTPTypes
import HummingbirdCore
import NIOCore

/// For documents: hashed as a whole when they are there.
final class ByteCollector: PayloadSink {
    private(set) var bytes: [UInt8] = []

    func append(_ buffer: ByteBuffer) async throws { bytes.append(contentsOf: buffer.readableBytesView) }
}

extension S3Request {
    /// An object's bytes onto the disk, with what they were proved by.
    func receive(_ plan: PayloadPlan, into folder: BlobFolder, alsoHashing more: ChecksumAlgorithm? = nil)
        async throws -> (blob: Blob, checksum: Checksum?)
    {
        var algorithms = Set([plan.checksum?.algorithm, more].compactMap { $0 })
        if case .chunked(_, let trailer?) = plan.mode { algorithms.insert(trailer) }
        let isHashed = if case .hash = plan.mode { true } else { false }
        let writer = try BlobWriter(in: folder, hashingSHA256: isHashed, checksums: algorithms)
        let trailer = try await stream(plan, into: writer)
        let blob = try await writer.finish()
        do {
            let checksum = try plan.check(blob.md5, blob.sha256, blob.checksums, trailer: trailer)
            return (
                blob,
                checksum
                    ?? more.flatMap { name in
                        blob.checksums[name].map { Checksum(name, Base64.encoded($0)) }
                    }
            )
        } catch {
            folder.remove([blob.segment])
            throw error
        }
    }

    func read(_ plan: PayloadPlan, into collector: ByteCollector) async throws {
        let trailer = try await stream(plan, into: collector)
        var checksums: [ChecksumAlgorithm: [UInt8]] = [:]
        for algorithm in ChecksumAlgorithm.allCases {
            var hash = algorithm.hash()
            hash.update(collector.bytes)
            checksums[algorithm] = hash.digest()
        }
        _ = try plan.check(
            MD5.hash(collector.bytes), SHA256.hash(collector.bytes), checksums, trailer: trailer)
    }

    /// Returns the checksum that a trailer brought.
    private func stream(_ plan: PayloadPlan, into sink: some PayloadSink) async throws -> String? {
        var received = 0
        func take(_ buffer: ByteBuffer) async throws {
            received += buffer.readableBytes
            guard received <= plan.bytes else { throw S3Error.incompleteBody }
            try await sink.append(buffer)
        }
        var trailer: String?
        if case .chunked(let signatures, let algorithm) = plan.mode {
            var decoder = ChunkedDecoder(signatures, trailer: algorithm)
            for try await buffer in body { try await decoder.decode(buffer, take) }
            guard decoder.isDone else { throw S3Error.incompleteBody }
            trailer = decoder.trailerValue
        } else {
            for try await buffer in body { try await take(buffer) }
        }
        guard received == plan.bytes else { throw S3Error.incompleteBody }
        return trailer
    }
}

extension PayloadPlan {
    /// All that the client claimed of the bytes must hold. Returns the checksum that is kept with them.
    func check(
        _ md5: [UInt8], _ sha256: [UInt8]?, _ checksums: [ChecksumAlgorithm: [UInt8]], trailer: String?
    ) throws(S3Error) -> Checksum? {
        if case .hash(let expected) = mode, sha256 != expected {
            throw S3Error(
                .badRequest, "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                [
                    ("ClientComputedContentSHA256", Hex.encoded(expected)),
                    ("S3ComputedContentSHA256", Hex.encoded(sha256 ?? [])),
                ])
        }
        if let expected = self.md5, expected != md5 { throw .badDigest("Content-MD5") }
        if case .chunked(_, let algorithm?) = mode {
            guard checksums[algorithm].map(Base64.encoded) == trailer else {
                throw .badDigest(algorithm.rawValue)
            }
            return trailer.map { Checksum(algorithm, $0) }
        }
        guard let (algorithm, digest) = checksum else { return nil }
        guard checksums[algorithm] == digest else { throw .badDigest(algorithm.rawValue) }
        return Checksum(algorithm, Base64.encoded(digest))
    }
}
