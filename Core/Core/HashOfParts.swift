internal import Cryptography

/// The SHA-256 of the SHA-256s of parts of one size: what a storage that took a file in parts knows it by.
package struct HashOfParts {
    private let partBytes: Int
    private var part = SHA256()
    private var bytesOfPart = 0
    private var digests: [UInt8] = []

    package init(partBytes: Int) { self.partBytes = partBytes }

    package mutating func update(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(partBytes - bytesOfPart)
            part.update(Array(piece))
            bytesOfPart += piece.count
            rest = rest.dropFirst(piece.count)
            if bytesOfPart == partBytes { close() }
        }
    }

    package mutating func digest() -> [UInt8] {
        if bytesOfPart > 0 { close() }
        return SHA256.hash(digests)
    }

    private mutating func close() {
        digests += part.digest()
        (part, bytesOfPart) = (SHA256(), 0)
    }
}
