import Cryptography
import Foundation
import Groundwork

/// A multipart upload under way.
struct Upload: Codable, Sendable {
    let id: String
    let bucket: String
    let key: String
    let initiated: Date
    let attributes: ObjectAttributes
    let checksum: ChecksumAlgorithm?
    let checksumScope: Checksum.Scope
    var parts: [Int: Part] = [:]

    /// Parts are files of their own beside this.
    private enum CodingKeys: CodingKey {
        case id, bucket, key, initiated, attributes, checksum, checksumScope
    }

    struct Part: Codable, Sendable {
        let number: Int
        let segment: Segment
        let etag: String
        let modified: Date
        let checksum: Checksum?
    }

    /// What a client lists to complete an upload.
    struct Choice: Sendable {
        let number: Int
        let etag: String
        let checksums: [ChecksumAlgorithm: String]
    }

    static func partName(_ number: Int) -> String { String(String(100_000 + number).dropFirst()) + ".json" }

    /// Those that are complete already, or whose description is gone, are removed.
    static func load(_ folder: String, isOver: (Upload) -> Bool) throws -> [String: Upload] {
        var uploads: [String: Upload] = [:]
        let decoder = JSONDecoder()
        for id in try Durable.names(in: folder) {
            let path = "\(folder)/\(id)"
            guard let content = FileManager.default.contents(atPath: path + "/upload.json") else {
                try FileManager.default.removeItem(atPath: path)
                continue
            }
            var upload = try decoder.decode(Upload.self, from: content)
            guard !isOver(upload) else {
                try FileManager.default.removeItem(atPath: path)
                continue
            }
            for name in try Durable.names(in: path) where name != "upload.json" && name.hasSuffix(".json") {
                let content = try Data(contentsOf: URL(filePath: "\(path)/\(name)"))
                let part = try decoder.decode(Part.self, from: content)
                upload.parts[part.number] = part
            }
            uploads[id] = upload
        }
        return uploads
    }

    static let minimumPartBytes = 5 << 20

    /// The parts as chosen, or why they make no object.
    func chosen(_ choices: [Choice]) throws(S3Error) -> [Part] {
        guard !choices.isEmpty else { throw .malformedXML }
        guard zip(choices, choices.dropFirst()).allSatisfy({ $0.number < $1.number }) else {
            throw .invalidPartOrder
        }
        var chosen: [Part] = []
        for choice in choices {
            guard let part = parts[choice.number], part.etag == choice.etag else {
                throw .invalidPart(choice.number)
            }
            if let checksum, checksumScope == .composite, choice.checksums[checksum] == nil {
                throw .invalidRequest(
                    "The upload was created using a \(checksum.rawValue.lowercased()) checksum. The complete "
                        + "request must include the checksum for each part. It was missing for part "
                        + "\(choice.number) in the request.")
            }
            for (algorithm, value) in choice.checksums where part.checksum != Checksum(algorithm, value) {
                throw .invalidPart(choice.number)
            }
            chosen.append(part)
        }
        if let small = chosen.dropLast().first(where: { $0.segment.bytes < Self.minimumPartBytes }) {
            throw .partTooSmall(small.number, etag: small.etag, bytes: small.segment.bytes)
        }
        return chosen
    }

    /// The MD5 of the parts' MD5s, and how many they are.
    static func etag(of etags: [String]) -> String {
        let digests = etags.flatMap { Hex.decoded($0) ?? [] }
        return Hex.encoded(MD5.hash(digests)) + "-\(etags.count)"
    }

    func checksum(of parts: [Part]) throws(S3Error) -> Checksum? {
        guard let checksum else { return nil }
        var hash = checksum.hash()
        for part in parts {
            guard let value = part.checksum, value.algorithm == checksum,
                let digest = Base64.decoded(value.value)
            else { return nil }
            hash.update(digest)
        }
        return Checksum(checksum, Base64.encoded(hash.digest()) + "-\(parts.count)", .composite)
    }
}
