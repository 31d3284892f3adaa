import Cryptography
import Foundation
import Groundwork
import NIOCore
import NIOPosix

/// Bytes on the disk that belong to nothing yet.
struct Blob: Sendable {
    let id: String
    let bytes: Int
    let md5: [UInt8]
    let sha256: [UInt8]?
    let checksums: [ChecksumAlgorithm: [UInt8]]

    var segment: Segment { Segment(blob: id, bytes: bytes) }
    var etag: String { Hex.encoded(md5) }
}

/// Writes and hashes a stream off the cooperative threads, a megabyte at a time.
///
/// Unchecked, because one request at a time owns it: each call is awaited before the next.
final class BlobWriter: @unchecked Sendable {
    private let id = Hex.encoded(randomBytes(16))
    private let temporary: String
    private let folder: BlobFolder
    private let descriptor: Int32
    private var waiting = ByteBuffer()
    private var bytes = 0
    private var md5 = MD5()
    private var sha256: SHA256?
    private var checksums: [ChecksumAlgorithm: any HashFunction]
    private var isFinished = false

    private static let blockBytes = 1 << 20

    init(
        in folder: BlobFolder, hashingSHA256: Bool, checksums: Set<ChecksumAlgorithm>
    ) throws(SystemFault) {
        self.folder = folder
        temporary = folder.temporaryPath(id)
        sha256 = hashingSHA256 ? SHA256() : nil
        self.checksums = Dictionary(uniqueKeysWithValues: checksums.map { ($0, $0.hash()) })
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemFault("open", temporary) }
    }

    deinit {
        close(descriptor)
        if !isFinished { unlink(temporary) }
    }

    func append(_ buffer: ByteBuffer) async throws {
        waiting.writeImmutableBuffer(buffer)
        guard waiting.readableBytes >= Self.blockBytes else { return }
        try await onDisk { try self.flush() }
    }

    /// The bytes are on the disk, under their own name, when this returns.
    func finish() async throws -> Blob {
        try await onDisk {
            try self.flush()
            guard fsync(self.descriptor) == 0 else { throw SystemFault("fsync", self.temporary) }
            try Durable.move(self.temporary, to: self.folder.path(self.id))
            self.isFinished = true
            return Blob(
                id: self.id, bytes: self.bytes, md5: self.md5.digest(), sha256: self.sha256?.digest(),
                checksums: self.checksums.mapValues { $0.digest() })
        }
    }

    /// What fails leaves nothing: a disk that was full is so no more when the refusal is read.
    private func onDisk<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await NIOThreadPool.singleton.runIfActive {
            do { return try work() } catch {
                ftruncate(self.descriptor, 0)
                unlink(self.temporary)
                throw error
            }
        }
    }

    private func flush() throws {
        try waiting.readWithUnsafeReadableBytes { bytes in
            md5.update(bytes)
            sha256?.update(bytes)
            for algorithm in checksums.keys { checksums[algorithm]?.update(bytes) }
            try Durable.put(bytes, into: descriptor, named: temporary)
            self.bytes += bytes.count
            return bytes.count
        }
        waiting.clear()
    }
}

/// Where blobs lie: 256 folders, so that none grows large.
struct BlobFolder: Sendable {
    let path: String

    init(_ path: String) throws(SystemFault) {
        self.path = path
        try Durable.makeFolder(path)
        try Durable.makeFolder(path + "/new")
        for number in 0..<256 { try Durable.makeFolder(path + "/" + Hex.encoded([UInt8(number)])) }
    }

    func path(_ id: String) -> String { "\(path)/\(id.prefix(2))/\(id)" }
    func temporaryPath(_ id: String) -> String { "\(path)/new/\(id)" }

    /// Removes what a crash left: the half written, and the whole that nothing names.
    func sweep(keeping ids: Set<String>) throws(SystemFault) {
        for name in try Durable.names(in: path + "/new") { unlink(temporaryPath(name)) }
        for number in 0..<256 {
            let folder = path + "/" + Hex.encoded([UInt8(number)])
            for id in try Durable.names(in: folder) where !ids.contains(id) { unlink("\(folder)/\(id)") }
        }
    }

    func remove(_ segments: [Segment]) {
        for segment in segments { unlink(path(segment.blob)) }
    }
}
