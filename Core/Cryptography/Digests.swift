import COpenSSL

public struct SHA256: HashFunction {
    public static let byteCount = 32
    private var context = SHA256_CTX()

    public init() { SHA256_Init(&context) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        SHA256_Update(&context, bytes.baseAddress, bytes.count)
    }

    public func digest() -> [UInt8] {
        var last = context
        return filled(Self.byteCount) { SHA256_Final($0, &last) }
    }

    /// Into memory the caller owns, which saves HMAC an array for every step. Ends the hash.
    mutating func finish(into digest: UnsafeMutablePointer<UInt8>) { SHA256_Final(digest, &context) }
}

/// For S3's `x-amz-checksum-sha1` alone: collisions of SHA-1 can be made.
public struct SHA1: HashFunction {
    public static let byteCount = 20
    private var context = SHA_CTX()

    public init() { SHA1_Init(&context) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        SHA1_Update(&context, bytes.baseAddress, bytes.count)
    }

    public func digest() -> [UInt8] {
        var last = context
        return filled(Self.byteCount) { SHA1_Final($0, &last) }
    }
}

/// For S3's ETags and SQS's `MD5OfMessageBody` alone: it proves nothing.
public struct MD5: HashFunction {
    public static let byteCount = 16
    private var context = MD5_CTX()

    public init() { MD5_Init(&context) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        MD5_Update(&context, bytes.baseAddress, bytes.count)
    }

    public func digest() -> [UInt8] {
        var last = context
        return filled(Self.byteCount) { MD5_Final($0, &last) }
    }
}

private func filled(_ count: Int, by write: (UnsafeMutablePointer<UInt8>) -> Int32) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        _ = write(buffer.baseAddress!)
        initialized = count
    }
}
