import Cryptography
import Groundwork
import HTTPTypes
import NIOCore

/// Takes `aws-chunked` apart: `length[;chunk-signature=hex] CRLF bytes CRLF`, a chunk of no bytes, then
/// trailers. Chunks go on as they come, however long; what was not signed is refused at the end of its chunk.
struct ChunkedDecoder {
    private enum State { case header, bytes(Int), afterBytes, trailers, done }

    private var state = State.header
    private var waiting = ByteBuffer()
    private var signatures: ChunkSignatures?
    private let trailerName: String?
    private var chunkHash = SHA256()
    private var chunkSignature = ""
    private var trailerLines: [String] = []
    /// Its base64, once it has come.
    private(set) var trailerValue: String?

    private static let longestLineBytes = 8 << 10

    init(_ signatures: ChunkSignatures?, trailer: ChecksumAlgorithm?) {
        (self.signatures, trailerName) = (signatures, trailer?.header)
    }

    var isDone: Bool { if case .done = state { true } else { false } }

    mutating func decode(_ buffer: ByteBuffer, _ body: (ByteBuffer) async throws -> Void) async throws {
        waiting.writeImmutableBuffer(buffer)
        while true {
            switch state {
            case .header:
                guard let line = try line() else { return }
                try begin(line)
            case .bytes(let left):
                let count = min(left, waiting.readableBytes)
                guard count > 0, let piece = waiting.readSlice(length: count) else { return }
                if signatures != nil { piece.withUnsafeReadableBytes { chunkHash.update($0) } }
                state = left == count ? .afterBytes : .bytes(left - count)
                try await body(piece)
            case .afterBytes:
                guard let line = try line() else { return }
                guard line.isEmpty else { throw S3Error.incompleteBody }
                try endChunk()
                state = .header
            case .trailers:
                guard let line = try line() else { return }
                if line.isEmpty { try endTrailers() } else { try take(trailer: line) }
            case .done:
                guard waiting.readableBytes == 0 else { throw S3Error.incompleteBody }
                return
            }
            waiting.discardReadBytes()
        }
    }

    private mutating func begin(_ line: String) throws {
        let parts = line.split(separator: ";", omittingEmptySubsequences: false)
        guard let digits = parts.first, !digits.isEmpty, digits.utf8.count <= 12,
            digits.allSatisfy(\.isHexDigit), let count = Int(digits, radix: 16)
        else { throw S3Error.incompleteBody }
        chunkHash = SHA256()
        chunkSignature = ""
        if let part = parts.dropFirst().first(where: { $0.hasPrefix("chunk-signature=") }) {
            chunkSignature = String(part.dropFirst("chunk-signature=".count))
        }
        if count > 0 {
            state = .bytes(count)
        } else {
            try endChunk()
            state = .trailers
        }
    }

    private mutating func endChunk() throws {
        guard signatures != nil else { return }
        guard signatures?.accepts(chunk: chunkHash.digest(), signature: chunkSignature) == true else {
            throw Self.mismatch
        }
    }

    private mutating func take(trailer line: String) throws {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let (name, value) = (
            parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        )
        if name == "x-amz-trailer-signature" {
            let signed = trailerLines.joined()
            guard signatures?.accepts(trailers: signed, signature: value) == true else { throw Self.mismatch }
            trailerLines = []
        } else {
            guard name == trailerName, trailerValue == nil else {
                throw S3Error(
                    .badRequest, "MalformedTrailerError",
                    "The request contained trailing data that was not well-formed")
            }
            trailerLines.append("\(name):\(value)\n")
            trailerValue = value
        }
    }

    private mutating func endTrailers() throws {
        guard signatures == nil || trailerLines.isEmpty else { throw Self.mismatch }
        guard (trailerName == nil) == (trailerValue == nil) else {
            throw S3Error(
                .badRequest, "MalformedTrailerError", "The request did not contain the trailer it announced")
        }
        state = .done
    }

    private mutating func line() throws -> String? {
        let bytes = waiting.readableBytesView
        guard let end = bytes.firstIndex(of: 0x0A) else {
            guard bytes.count <= Self.longestLineBytes else { throw S3Error.incompleteBody }
            return nil
        }
        let length = end - bytes.startIndex
        guard length > 0, length <= Self.longestLineBytes, bytes[end - 1] == 0x0D,
            let line = waiting.readString(length: length - 1)
        else { throw S3Error.incompleteBody }
        waiting.moveReaderIndex(forwardBy: 2)
        return line
    }

    private static var mismatch: S3Error {
        S3Error(
            .forbidden, "SignatureDoesNotMatch",
            "The chunk signature we calculated does not match the signature you provided.")
    }
}
