import Cryptography
import Foundation
import Groundwork
import NIOCore

extension S3Server {
    /// The checksum of a whole multipart object, over its parts as they lie on the disk, where the upload
    /// asked for one. What the client says of the whole must hold.
    func whole(
        _ request: S3Request, _ id: String, _ choices: [Upload.Choice], _ bucket: String, _ key: ObjectKey
    ) async throws -> Checksum? {
        guard let upload = try? await store.upload(id, bucket, key) else { return nil }
        let parts = try upload.chosen(choices)
        if let size = request.header("x-amz-mp-object-size"),
            PayloadPlan.count(size) != parts.reduce(0, { $0 + $1.segment.bytes })
        {
            throw S3Error.invalidRequest(
                "The provided 'x-amz-mp-object-size' header does not match what was computed.")
        }
        guard upload.checksumScope == .whole, let algorithm = upload.checksum else { return nil }
        var hash = algorithm.hash()
        let reader = try BlobReader(parts.map(\.segment), in: store.blobs)
        try await reader.read(0..<reader.bytes) { block in
            block.withUnsafeReadableBytes { hash.update($0) }
        }
        let value = Base64.encoded(hash.digest())
        if let claimed = request.header(algorithm.header), claimed != value {
            throw S3Error.badDigest(algorithm.rawValue)
        }
        return Checksum(algorithm, value)
    }
}
