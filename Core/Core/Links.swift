internal import AWS
public import Bookshop
internal import Cryptography
public import FoundationEssentials
internal import HTTP

extension Links {
    /// Signed by the role of the function, for the storage of the settings. Nobody is called.
    static func live(bucket: String, now: @escaping () -> Date = { Date() }) throws -> Links {
        let media = try AWS.Bucket.live(bucket)
        func signed(
            at date: Date, _ seconds: Int, _ sign: (AWS.Instant) throws -> AWS.PresignedRequest
        ) throws -> SignedRequest {
            let request = try sign(AWS.Instant(date))
            let headers = request.headers.map { ($0.name, $0.value) }
            return SignedRequest(
                method: request.method, url: request.url,
                headers: Dictionary(headers, uniquingKeysWith: { first, _ in first }),
                expiresAt: date.addingTimeInterval(Double(seconds)))
        }
        return Links(
            upload: { bucket, key, file, seconds in
                precondition(bucket == media.name, "uploads go to the bucket of the settings")
                precondition(file.layout == nil, "the checksum is of the whole")
                return try signed(at: now(), seconds) { instant in
                    try media.presignedPut(
                        AWS.Bucket.Key(key), byteCount: file.bytes, contentType: file.mediaType,
                        sha256: file.checksum.digest, ifAbsent: false, expiresSeconds: seconds, at: instant)
                }
            },
            part: { bucket, key, multipart, part, seconds in
                precondition(bucket == media.name, "uploads go to the bucket of the settings")
                return try signed(at: now(), seconds) { instant in
                    try media.presignedPart(
                        part.number, of: AWS.MultipartUpload(key: AWS.Bucket.Key(key), id: multipart),
                        byteCount: part.bytes, sha256: part.sha256, expiresSeconds: seconds, at: instant)
                }
            },
            download: { bucket, key, fileName, seconds in
                precondition(bucket == media.name, "recordings are in the bucket of the settings")
                return try signed(at: now(), seconds) { instant in
                    try media.presignedGet(
                        AWS.Bucket.Key(key), contentDisposition: fileName.map(attachment),
                        expiresSeconds: seconds, at: instant)
                }
            })
    }
}

/// RFC 6266, with the name in UTF-8 as RFC 8187 writes it and a plain one for those who read no other.
private func attachment(_ fileName: String) -> String {
    func isPlain(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
    }
    let plain = String(decoding: fileName.utf8.map { isPlain($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    let encoded = fileName.utf8.map { isPlain($0) ? String(UnicodeScalar($0)) : "%" + hexadecimal($0) }
        .joined()
    return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(encoded)"
}

private func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count == 1 ? "0" + digits : digits
}

/// A request the client is to send itself: the address is its own permission.
public struct SignedRequestAnswer: Encodable {
    public let method: String
    public let url: String
    /// To be sent exactly so: they are signed.
    public let headers: [String: String]
    public let expiresAt: Date

    public init(_ request: SignedRequest) {
        (method, url, headers) = (request.method, request.url, request.headers)
        expiresAt = request.expiresAt
    }
}
