/// How the bytes of a file are known.
public enum FileChecksum: Hashable, Sendable {
    /// Their SHA-256.
    case whole([UInt8])
    /// The SHA-256 of the SHA-256s of its parts, which are of so many bytes, the last of what is left. It is
    /// what a storage knows of a file that came in parts, and what a browser can say of one it cannot hold.
    case parts([UInt8], partBytes: Int)

    /// 32 bytes.
    public var digest: [UInt8] {
        switch self {
        case .whole(let digest), .parts(let digest, _): digest
        }
    }

    public var partBytes: Int? {
        switch self {
        case .whole: nil
        case .parts(_, let bytes): bytes
        }
    }
}

/// How a file is cut: parts of one size, numbered from one, and the last is what is left.
public struct PartLayout: Hashable, Sendable {
    public let fileBytes: Int
    public let partBytes: Int

    /// What a storage takes (S3).
    public static let partSizes = 5 * 1024 * 1024...5 * 1024 * 1024 * 1024
    public static let maximumCount = 10_000

    public init(fileBytes: Int, partBytes: Int) {
        precondition(fileBytes > 0 && partBytes > 0, "there is nothing to cut")
        (self.fileBytes, self.partBytes) = (fileBytes, partBytes)
    }

    public var count: Int { (fileBytes - 1) / partBytes + 1 }
    public func offset(of number: Int) -> Int { (number - 1) * partBytes }
    public func bytes(of number: Int) -> Int { min(partBytes, fileBytes - offset(of: number)) }
}

/// One part as it must be sent.
public struct DeclaredPart: Hashable, Sendable {
    public let number: Int
    public let offset: Int
    public let bytes: Int
    /// 32 bytes.
    public let sha256: [UInt8]
}

/// One part as the storage holds it.
public struct HeldPart: Hashable, Sendable {
    public let number: Int
    public let bytes: Int
    public let entityTag: String
    /// Where the storage knows it.
    public let sha256: [UInt8]?

    public init(number: Int, bytes: Int, entityTag: String, sha256: [UInt8]?) {
        (self.number, self.bytes, self.entityTag, self.sha256) = (number, bytes, entityTag, sha256)
    }
}

/// The parts of a file, as they were declared before the first was sent.
public struct DeclaredParts: Hashable, Sendable {
    public let layout: PartLayout
    /// The SHA-256 of each, one after the other.
    public let digests: [UInt8]

    private static let digestBytes = 32

    public init(layout: PartLayout, digests: [UInt8]) {
        precondition(digests.count == layout.count * Self.digestBytes, "each part has its digest")
        (self.layout, self.digests) = (layout, digests)
    }

    public init(fileBytes: Int, partBytes: Int, sha256s: [[UInt8]]) throws(DeclarationError) {
        guard fileBytes > 0 else { throw .empty }
        guard PartLayout.partSizes.contains(partBytes) else { throw .partBytes }
        let layout = PartLayout(fileBytes: fileBytes, partBytes: partBytes)
        guard layout.count <= PartLayout.maximumCount else {
            throw .tooLarge(maximumBytes: partBytes * PartLayout.maximumCount)
        }
        guard sha256s.count == layout.count else { throw .partCount(layout.count) }
        if let index = sha256s.firstIndex(where: { $0.count != Self.digestBytes }) {
            throw .partChecksum(at: index)
        }
        self.init(layout: layout, digests: sha256s.flatMap(\.self))
    }

    public subscript(_ number: Int) -> DeclaredPart {
        let digest = digests[(number - 1) * Self.digestBytes..<number * Self.digestBytes]
        return DeclaredPart(
            number: number, offset: layout.offset(of: number), bytes: layout.bytes(of: number),
            sha256: Array(digest))
    }

    /// Of what the storage holds, that which is as it was declared, by number.
    public func kept(among held: [HeldPart]) -> [HeldPart] {
        held.filter { part in
            guard (1...layout.count).contains(part.number) else { return false }
            let declared = self[part.number]
            // A storage that tells no checksum checked it when it took the part; the whole is checked again.
            return part.bytes == declared.bytes && part.sha256.map { $0 == declared.sha256 } ?? true
        }
        .sorted { $0.number < $1.number }
    }

    /// The numbers that are still to be sent.
    public func missing(besides kept: [HeldPart]) -> [Int] {
        let numbers = Set(kept.map(\.number))
        return (1...layout.count).filter { !numbers.contains($0) }
    }

    /// How many parts are signed at once.
    public static let mostWanted = 100

    /// The parts somebody wants to send now.
    public func wanted(_ numbers: [Int]) throws(PartsError) -> [DeclaredPart] {
        guard (1...Self.mostWanted).contains(numbers.count) else { throw .count }
        var seen: Set<Int> = []
        for (index, number) in numbers.enumerated() {
            guard (1...layout.count).contains(number), seen.insert(number).inserted else {
                throw .number(at: index, of: layout.count)
            }
        }
        return numbers.map { self[$0] }
    }
}

/// Why parts are not signed.
public enum PartsError: Error, Equatable {
    case count
    /// Counted from zero.
    case number(at: Int, of: Int)
}

/// What the shop needs of a storage to take one object in parts. Failures are `OutsideFailure`.
public struct Multipart {
    /// Begins an upload whose parts are each held to a SHA-256; answers the storage's name for it. Done
    /// twice there are two, of which one is to be aborted.
    public var begin: (_ bucket: String, _ key: String, _ mediaType: String) throws -> String
    /// Stores one part of bytes we hold ourselves.
    public var put:
        (_ bucket: String, _ key: String, _ name: String, _ number: Int, _ bytes: [UInt8]) throws -> HeldPart
    /// All parts that are there; nil where the storage knows no such upload: it was joined, or is gone.
    public var parts: (_ bucket: String, _ key: String, _ name: String) throws -> [HeldPart]?
    /// Makes one object of these parts. Whether the storage still knew the upload.
    public var join: (_ bucket: String, _ key: String, _ name: String, _ parts: [HeldPart]) throws -> Bool
    /// Forgets the parts. What is gone already is no failure.
    public var abort: (_ bucket: String, _ key: String, _ name: String) throws -> Void

    public init(
        begin: @escaping (_ bucket: String, _ key: String, _ mediaType: String) throws -> String,
        put:
            @escaping (
                _ bucket: String, _ key: String, _ name: String, _ number: Int, _ bytes: [UInt8]
            ) throws -> HeldPart,
        parts: @escaping (_ bucket: String, _ key: String, _ name: String) throws -> [HeldPart]?,
        join:
            @escaping (_ bucket: String, _ key: String, _ name: String, _ parts: [HeldPart]) throws -> Bool,
        abort: @escaping (_ bucket: String, _ key: String, _ name: String) throws -> Void
    ) {
        (self.begin, self.put, self.parts) = (begin, put, parts)
        (self.join, self.abort) = (join, abort)
    }

    public static var unset: Multipart {
        Multipart(
            begin: { _, _, _ in throw Unset("Multipart.begin") },
            put: { _, _, _, _, _ in throw Unset("Multipart.put") },
            parts: { _, _, _ in throw Unset("Multipart.parts") },
            join: { _, _, _, _ in throw Unset("Multipart.join") },
            abort: { _, _, _ in throw Unset("Multipart.abort") })
    }
}
