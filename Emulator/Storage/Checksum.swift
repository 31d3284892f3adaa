import Cryptography

/// The checksums a client may send with an object and have back with it.
enum ChecksumAlgorithm: String, Codable, CaseIterable, Sendable {
    case crc32 = "CRC32"
    case crc32c = "CRC32C"
    case crc64nvme = "CRC64NVME"
    case sha1 = "SHA1"
    case sha256 = "SHA256"

    var header: String { "x-amz-checksum-" + rawValue.lowercased() }
    /// The element's name in XML.
    var element: String { "Checksum" + rawValue }

    func hash() -> any HashFunction {
        switch self {
        case .crc32: CRC32()
        case .crc32c: CRC32C()
        case .crc64nvme: CRC64NVME()
        case .sha1: SHA1()
        case .sha256: SHA256()
        }
    }

    /// In bytes.
    var length: Int {
        switch self {
        case .crc32, .crc32c: 4
        case .crc64nvme: 8
        case .sha1: 20
        case .sha256: 32
        }
    }
}

/// A checksum as it is kept and told: of the whole object, or of its parts' checksums (`…-3`).
struct Checksum: Codable, Hashable, Sendable {
    enum Scope: String, Codable, Sendable {
        case whole = "FULL_OBJECT"
        case composite = "COMPOSITE"
    }

    let algorithm: ChecksumAlgorithm
    let value: String
    let scope: Scope

    init(_ algorithm: ChecksumAlgorithm, _ value: String, _ scope: Scope = .whole) {
        (self.algorithm, self.value, self.scope) = (algorithm, value, scope)
    }
}
