import COpenSSL

/// Owns one of libcrypto's keys. It is never changed once made, and libcrypto reads a key from any thread.
final class KeyHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    /// A public key in X.509's SubjectPublicKeyInfo.
    convenience init?(publicKey der: [UInt8]) {
        let pointer = withCleanErrors {
            der.withUnsafeBufferPointer { bytes in
                var start = bytes.baseAddress
                return d2i_PUBKEY(nil, &start, bytes.count)
            }
        }
        guard let pointer else { return nil }
        self.init(owning: pointer)
    }

    func verifies(_ signature: [UInt8], of message: [UInt8], digest: OpaquePointer) -> Bool {
        withCleanErrors {
            guard let context = EVP_MD_CTX_new() else { return false }
            defer { EVP_MD_CTX_free(context) }
            return EVP_DigestVerifyInit(context, nil, digest, nil, pointer) == 1
                && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        }
    }

    func signature(of message: [UInt8], digest: OpaquePointer) -> [UInt8]? {
        withCleanErrors {
            guard let context = EVP_MD_CTX_new() else { return nil }
            defer { EVP_MD_CTX_free(context) }
            var count = Int(EVP_PKEY_get_size(pointer))
            var signature = [UInt8](repeating: 0, count: count)
            guard
                EVP_DigestSignInit(context, nil, digest, nil, pointer) == 1,
                EVP_DigestSign(context, &signature, &count, message, message.count) == 1
            else { return nil }
            return Array(signature[..<count])
        }
    }
}

/// Leaves no error behind: libcrypto queues them by thread, and libpq and libcurl would take ours for their
/// own.
func withCleanErrors<Value>(_ body: () -> Value) -> Value {
    defer { ERR_clear_error() }
    return body()
}
