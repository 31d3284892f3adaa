/// A digest or checksum over bytes that arrive piece by piece. A value: a copy goes its own way.
public protocol HashFunction: Sendable {
    static var byteCount: Int { get }
    init()
    mutating func update(_ bytes: UnsafeRawBufferPointer)
    /// Of all bytes so far; more may follow. Checksums come in network byte order, as S3 encodes them.
    func digest() -> [UInt8]
}

extension HashFunction {
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    public mutating func update(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { update($0) } }

    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var hash = Self()
        hash.update(bytes)
        return hash.digest()
    }

    /// Of the text's UTF-8, without a copy of it.
    public static func hash(_ text: String) -> [UInt8] {
        var (hash, text) = (Self(), text)
        text.withUTF8 { hash.update(UnsafeRawBufferPointer($0)) }
        return hash.digest()
    }
}
