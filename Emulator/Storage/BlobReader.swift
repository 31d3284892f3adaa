import CReading
import Foundation
import Groundwork
import NIOCore
import NIOPosix

/// The bytes of an object, held open: a later overwrite or removal does not disturb who reads them.
final class BlobReader: Sendable {
    private let files: [(descriptor: Int32, bytes: Int)]
    let bytes: Int

    private static let blockBytes = 256 << 10

    init(_ segments: [Segment], in folder: BlobFolder) throws(SystemFault) {
        var files: [(descriptor: Int32, bytes: Int)] = []
        for segment in segments {
            let path = folder.path(segment.blob)
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                let fault = SystemFault("open", path)
                for file in files { close(file.descriptor) }
                throw fault
            }
            files.append((descriptor, segment.bytes))
        }
        self.files = files
        bytes = segments.reduce(0) { $0 + $1.bytes }
    }

    deinit {
        for file in files { close(file.descriptor) }
    }

    /// Calls `body` with the bytes of the range, block by block.
    func read(_ range: Range<Int>, _ body: (ByteBuffer) async throws -> Void) async throws {
        var start = 0
        for file in files {
            let part = range.clamped(to: start..<(start + file.bytes))
            var offset = part.lowerBound
            while offset < part.upperBound, !part.isEmpty {
                let block = try await block(
                    of: file.descriptor, at: offset - start,
                    atMost: min(Self.blockBytes, part.upperBound - offset))
                offset += block.readableBytes
                try await body(block)
            }
            start += file.bytes
        }
    }

    private func block(of descriptor: Int32, at offset: Int, atMost count: Int) async throws -> ByteBuffer {
        // The last or only block is mostly in memory, and there at once. Whoever reads on has another thread
        // wait for the disk.
        if count < Self.blockBytes {
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            let read = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
                max(0, reading_without_waiting(descriptor, bytes.baseAddress, count, off_t(offset)))
            }
            if read > 0 { return buffer }
        }
        return try await NIOThreadPool.singleton.runIfActive {
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
                let read = pread(descriptor, bytes.baseAddress, count, off_t(offset))
                guard read > 0 else {
                    throw SystemFault("pread", "a blob that is shorter than its record says")
                }
                return read
            }
            return buffer
        }
    }
}
