/// RFC 2104.
public enum HMAC {
    public static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        key.withUnsafeBytes { key in message.withUnsafeBytes { sha256(key: key, message: $0) } }
    }

    /// The message as UTF-8, without a copy of it: signing chains several of these.
    public static func sha256(key: [UInt8], message: String) -> [UInt8] {
        var message = message
        return key.withUnsafeBytes { key in
            message.withUTF8 { sha256(key: key, message: UnsafeRawBufferPointer($0)) }
        }
    }

    private static let blockByteCount = 64

    private static func sha256(key: UnsafeRawBufferPointer, message: UnsafeRawBufferPointer) -> [UInt8] {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: blockByteCount) { block in
            block.initialize(repeating: 0)
            if key.count > blockByteCount {
                var hash = SHA256()
                hash.update(key)
                hash.finish(into: block.baseAddress!)
            } else {
                UnsafeMutableRawBufferPointer(block).copyMemory(from: key)
            }
            for index in block.indices { block[index] ^= 0x36 }
            var inner = SHA256()
            inner.update(UnsafeRawBufferPointer(block))
            inner.update(message)
            for index in block.indices { block[index] ^= 0x36 ^ 0x5C }
            var outer = SHA256()
            outer.update(UnsafeRawBufferPointer(block))
            inner.finish(into: block.baseAddress!)
            outer.update(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(block)[..<SHA256.byteCount]))
            return outer.digest()
        }
    }
}
