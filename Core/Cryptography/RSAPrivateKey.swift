import COpenSSL

/// Signs tokens. The shop holds none; its tests and the identity stand-in do.
public struct RSAPrivateKey: Sendable {
    public let publicKey: RSAPublicKey
    private let key: KeyHandle

    /// A new key of 2048 bits.
    public init() {
        let pointer = withCleanErrors { () -> OpaquePointer? in
            guard let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) else { return nil }
            defer { EVP_PKEY_CTX_free(context) }
            var key: OpaquePointer?
            guard
                EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048) == 1,
                EVP_PKEY_generate(context, &key) == 1
            else { return nil }
            return key
        }
        guard let pointer, let made = try? RSAPrivateKey(owning: KeyHandle(owning: pointer)) else {
            preconditionFailure("libcrypto makes no RSA key of 2048 bits.")
        }
        self = made
    }

    /// PKCS #8 or PKCS #1 in PEM, unencrypted.
    public init(pem: String) throws(KeyError) {
        let text = Array(pem.utf8)
        let pointer = withCleanErrors { () -> OpaquePointer? in
            guard let source = BIO_new_mem_buf(text, Int32(text.count)) else { return nil }
            defer { BIO_free(source) }
            // Without a callback that refuses, libcrypto would ask the terminal for an encrypted key's
            // password.
            return PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil)
        }
        guard let pointer else { throw .malformed }
        try self.init(owning: KeyHandle(owning: pointer))
    }

    private init(owning key: KeyHandle) throws(KeyError) {
        guard
            EVP_PKEY_get_base_id(key.pointer) == EVP_PKEY_RSA,
            let modulus = Self.number(OSSL_PKEY_PARAM_RSA_N, of: key),
            let exponent = Self.number(OSSL_PKEY_PARAM_RSA_E, of: key)
        else { throw .malformed }
        publicKey = try RSAPublicKey(modulus: modulus, exponent: exponent)
        self.key = key
    }

    public func signature(of message: [UInt8], with algorithm: RSAAlgorithm = .rs256) -> [UInt8] {
        guard let signature = key.signature(of: message, digest: algorithm.digest) else {
            preconditionFailure("libcrypto does not sign with a key it made.")
        }
        return signature
    }

    /// PKCS #8, unencrypted: whoever writes it to a file sees to the file's rights.
    public var pem: String {
        withCleanErrors {
            guard let sink = BIO_new(BIO_s_mem()) else { return "" }
            defer { BIO_free(sink) }
            PEM_write_bio_PKCS8PrivateKey(sink, key.pointer, nil, nil, 0, nil, nil)
            var text = [UInt8](repeating: 0, count: BIO_ctrl_pending(sink))
            let count = BIO_read(sink, &text, Int32(text.count))
            return String(decoding: text.prefix(Int(max(0, count))), as: UTF8.self)
        }
    }

    private static func number(_ name: String, of key: KeyHandle) -> [UInt8]? {
        withCleanErrors {
            var number: OpaquePointer?
            guard EVP_PKEY_get_bn_param(key.pointer, name, &number) == 1, let number else { return nil }
            defer { BN_free(number) }
            var bytes = [UInt8](repeating: 0, count: Int(BN_num_bits(number) + 7) / 8)
            BN_bn2bin(number, &bytes)
            return bytes
        }
    }
}
