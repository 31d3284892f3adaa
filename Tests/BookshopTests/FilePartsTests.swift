import Testing

@testable import Bookshop

@Suite struct FilePartsTests {
    private static let mebibyte = 1 << 20
    private let least = 5 * mebibyte

    private func digest(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }
    private func declared(_ bytes: Int, of partBytes: Int, _ count: Int) throws -> DeclaredParts {
        try DeclaredParts(
            fileBytes: bytes, partBytes: partBytes, sha256s: (0..<count).map { digest(UInt8($0 % 256)) })
    }

    @Test(arguments: [
        (1, 1, 1), (5 << 20, 1, 5 << 20), ((5 << 20) + 1, 2, 1), (10 << 20, 2, 5 << 20),
        (10_000 * (5 << 20), 10_000, 5 << 20),
    ])
    func `parts cover a file exactly`(bytes: Int, count: Int, last: Int) {
        let layout = PartLayout(fileBytes: bytes, partBytes: least)
        #expect(layout.count == count && layout.bytes(of: count) == last)
        #expect(layout.offset(of: count) + last == bytes)
        #expect(layout.offset(of: 1) == 0 && layout.bytes(of: 1) == min(bytes, least))
    }

    @Test func `what cannot be sent in parts is refused by its place`() throws {
        #expect(throws: DeclarationError.empty) { try declared(0, of: least, 1) }
        #expect(throws: DeclarationError.partBytes) { try declared(1, of: least - 1, 1) }
        #expect(throws: DeclarationError.partBytes) { try declared(1, of: 5 * (1 << 30) + 1, 1) }
        #expect(throws: DeclarationError.partCount(2)) { try declared(least + 1, of: least, 1) }
        #expect(throws: DeclarationError.partCount(1)) { try declared(least, of: least, 2) }
        #expect(throws: DeclarationError.tooLarge(maximumBytes: least * 10_000)) {
            try declared(least * 10_000 + 1, of: least, 10_001)
        }
        #expect(throws: DeclarationError.tooLarge(maximumBytes: least * 10_000)) {
            try declared(.max, of: least, 1)
        }
        #expect(throws: DeclarationError.partChecksum(at: 1)) {
            try DeclaredParts(fileBytes: least + 1, partBytes: least, sha256s: [digest(1), [1]])
        }
        #expect(try declared(least * 10_000, of: least, 10_000).layout.count == 10_000)
    }

    @Test func `a picture is sent whole, and is a cover`() throws {
        func picture(_ checksum: FileChecksum, _ purpose: DeclaredFile.Purpose?) throws -> DeclaredFile {
            try DeclaredFile(
                name: "c", mediaType: "image/png", bytes: 9, checksum: checksum, purpose: purpose)
        }
        #expect(try picture(.whole(digest(1)), nil).purpose == .cover)
        #expect(throws: DeclarationError.purpose) { try picture(.whole(digest(1)), .track) }
        #expect(throws: DeclarationError.partsOfPicture) {
            try picture(.parts(digest(1), partBytes: least), nil)
        }
        let sound = try DeclaredFile(
            name: "s", mediaType: "audio/mpeg", bytes: DeclaredFile.maximumBytesInParts,
            checksum: .parts(digest(1), partBytes: 5 << 30), purpose: .track)
        #expect(sound.layout?.count == 1024 && sound.purpose == .track)
        #expect(throws: DeclarationError.purpose) {
            try DeclaredFile(
                name: "s", mediaType: "audio/mpeg", bytes: 9, checksum: .whole(digest(1)), purpose: .cover)
        }
    }

    @Test func `only what is as it was declared need not be sent again`() throws {
        let parts = try declared(least * 2 + 7, of: least, 3)
        func held(_ number: Int, _ bytes: Int, _ sha256: [UInt8]?) -> HeldPart {
            HeldPart(number: number, bytes: bytes, entityTag: "e", sha256: sha256)
        }
        let kept = parts.kept(among: [
            held(3, 7, digest(2)), held(1, least, nil), held(2, least, digest(9)), held(4, 7, digest(2)),
        ])
        #expect(kept.map(\.number) == [1, 3])
        #expect(parts.missing(besides: kept) == [2])
        #expect(parts.kept(among: [held(3, least, digest(2))]).isEmpty, "another length")
        #expect(parts.missing(besides: []) == [1, 2, 3])
    }

    @Test func `a hundred parts are signed at once, each once`() throws {
        let parts = try declared(least * 101, of: least, 101)
        #expect(try parts.wanted([101, 1]).map(\.offset) == [least * 100, 0])
        #expect(try parts.wanted([101, 1]).map(\.sha256) == [digest(100), digest(0)])
        #expect(try parts.wanted(Array(1...100)).count == 100)
        #expect(throws: PartsError.count) { try parts.wanted([]) }
        #expect(throws: PartsError.count) { try parts.wanted(Array(1...101)) }
        #expect(throws: PartsError.number(at: 1, of: 101)) { try parts.wanted([1, 102]) }
        #expect(throws: PartsError.number(at: 0, of: 101)) { try parts.wanted([0]) }
        #expect(throws: PartsError.number(at: 2, of: 101)) { try parts.wanted([1, 2, 1]) }
    }
}
