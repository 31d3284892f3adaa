import Bookshop
import Testing

@Suite struct AudiobookTests {
    private let english = LanguageTag(rawValue: "en")!

    private func describe(
        _ title: String = "Emma", subtitle: String? = nil, text: String = "", people: [Credit] = []
    ) throws(DescriptionError) -> BookDescription {
        try BookDescription(title: title, subtitle: subtitle, text: text, language: english, people: people)
    }

    @Test func `blanks around names go`() throws {
        let book = try describe("  Emma\n", people: [Credit(name: " Jane Austen ", role: .author)])
        #expect(book.title == "Emma")
        #expect(book.people == [Credit(name: "Jane Austen", role: .author)])
    }

    @Test func `a description keeps to its lengths`() throws {
        #expect(throws: DescriptionError.title) { try describe("   ") }
        _ = try describe(String(repeating: "x", count: 300))
        #expect(throws: DescriptionError.title) {
            try describe(String(repeating: "x", count: 301))
        }
        #expect(throws: DescriptionError.subtitle) { try describe(subtitle: " ") }
        _ = try describe(text: String(repeating: "x", count: 20_000))
        #expect(throws: DescriptionError.description) {
            try describe(text: String(repeating: "x", count: 20_001))
        }
    }

    @Test func `nobody is named twice for one thing`() throws {
        let author = Credit(name: "Jane Austen", role: .author)
        #expect(throws: DescriptionError.repeated(.people, at: 1)) {
            try describe(people: [author, Credit(name: "Jane Austen ", role: .author)])
        }
        _ = try describe(people: [author, Credit(name: "Jane Austen", role: .narrator)])
        let many = (0...50).map { Credit(name: "\($0)", role: .narrator) }
        #expect(throws: DescriptionError.tooMany(.people)) { try describe(people: many) }
        _ = try describe(people: Array(many.dropLast()))
    }

    @Test(arguments: [
        ("George Eliot", "Eliot, George"), ("Homer", "Homer"),
        ("Lucy Maud Montgomery", "Montgomery, Lucy Maud"),
    ])
    func `people stand under their last name`(name: String, sortName: String) {
        #expect(Contributor.sortName(of: name) == sortName)
    }

    @Test(arguments: [
        (1, 32, "audio/mpeg", "a.mp3", nil), (0, 32, "audio/mpeg", "a.mp3", DeclarationError.empty),
        (DeclaredFile.maximumBytes, 32, "audio/mpeg", "a.mp3", nil),
        (
            DeclaredFile.maximumBytes + 1, 32, "audio/mpeg", "a.mp3",
            .tooLarge(maximumBytes: DeclaredFile.maximumBytes)
        ),
        (1, 31, "audio/mpeg", "a.mp3", .checksum), (1, 32, "text/html", "a", .mediaType("text/html")),
        (1, 32, "audio/mpeg", "", .name),
    ])
    func `a file is declared fully or not at all`(
        bytes: Int, hash: Int, type: String, name: String, refusal: DeclarationError?
    ) {
        do throws(DeclarationError) {
            _ = try DeclaredFile(
                name: name, mediaType: type, bytes: bytes, sha256: [UInt8](repeating: 0, count: hash))
            #expect(refusal == nil)
        } catch { #expect(error == refusal) }
    }

    @Test(arguments: [
        ("audio/mp4", 999, Upload.Rejection.tooShort), ("audio/mp4", 1000, nil),
        ("video/mp4", 1000, .notAudio),
        ("audio/mp4", 360_000_000, nil), ("audio/mp4", 360_000_001, .tooLong),
    ])
    func `only a recording is taken`(type: String, duration: Int, rejection: Upload.Rejection?) {
        #expect(
            AudioProbe(mediaType: type, codec: "aac", durationMilliseconds: duration).rejection == rejection)
    }

    @Test func `an admin may act as any other`() {
        let admin = Principal(id: Principal.ID(), roles: [.admin])
        let editor = Principal(id: Principal.ID(), roles: [.editor])
        for role in Role.allCases {
            #expect(admin.may(actAs: role))
            #expect(editor.may(actAs: role) == (role == .editor))
        }
    }
}
