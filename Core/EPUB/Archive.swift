public import Bookshop
internal import Cryptography

/// A zip archive, written from front to back as it is sent away. Nothing in it is compressed: sound is already, and
/// beside it the words weigh nothing. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
public struct Archive {
    private let send: ([UInt8]) throws -> Void
    private var offset = 0
    private var directory: [UInt8] = []
    private var count = 0

    public init(_ send: @escaping ([UInt8]) throws -> Void) { self.send = send }

    public mutating func add(_ name: String, _ bytes: [UInt8]) throws {
        try add(name, MadeFile(bytes: bytes.count) { try $0(bytes) })
    }

    public mutating func add(_ name: String, _ text: String) throws { try add(name, Array(text.utf8)) }

    /// Read twice: a file is told its checksum before its bytes.
    public mutating func add(_ name: String, _ file: MadeFile) throws {
        var checksum = CRC32()
        try file.read { checksum.update($0) }
        var facts: [UInt8] = []
        // Version 1.0, no flags, stored, at the first moment there is: the same book is the same bytes.
        for value in [10, 0, 0, 0, 0x21] { facts.append(value, bytes: 2) }
        for value in [Int(checksum.value), file.bytes, file.bytes] { facts.append(value, bytes: 4) }
        for value in [name.utf8.count, 0] { facts.append(value, bytes: 2) }
        let end = offset + 30 + name.utf8.count + file.bytes
        guard end + directory.count < Int(UInt32.max) - 1 << 20, count < Int(UInt16.max) - 1 else {
            throw ExportError.tooLarge
        }

        directory.append(0x0201_4B50, bytes: 4)
        directory.append(10, bytes: 2)
        directory += facts
        for value in [0, 0, 0] { directory.append(value, bytes: 2) }
        for value in [0, offset] { directory.append(value, bytes: 4) }
        directory += name.utf8
        count += 1

        var header: [UInt8] = []
        header.append(0x0403_4B50, bytes: 4)
        try send(header + facts + name.utf8)
        var sent = 0
        try file.read { piece in
            sent += piece.count
            try send(piece)
        }
        precondition(sent == file.bytes, "a file is as long as it was said to be")
        offset = end
    }

    public mutating func finish() throws {
        var end: [UInt8] = []
        end.append(0x0605_4B50, bytes: 4)
        for value in [0, 0, count, count] { end.append(value, bytes: 2) }
        for value in [directory.count, offset] { end.append(value, bytes: 4) }
        end.append(0, bytes: 2)
        try send(directory + end)
    }
}

extension [UInt8] {
    /// The lowest comes first.
    fileprivate mutating func append(_ value: Int, bytes: Int) {
        for place in 0..<bytes { append(UInt8(truncatingIfNeeded: value >> (8 * place))) }
    }
}
