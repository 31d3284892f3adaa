import COpenSSL

/// Whether two byte strings are the same, in a time that tells nothing of where they differ. Lengths are no
/// secret.
public func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
}

/// From the generator that libcrypto seeds from the kernel.
public func randomBytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        if count > 0 {
            let isRandom = RAND_bytes(buffer.baseAddress!, Int32(count)) == 1
            precondition(isRandom, "No randomness: the kernel's generator cannot be read.")
        }
        initialized = count
    }
}
