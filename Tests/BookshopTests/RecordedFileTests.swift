import Testing

@testable import Bookshop

@Suite struct RecordedFileTests {
    private func file(_ name: String, _ title: String? = nil, _ chapters: [ChapterMark] = []) -> RecordedFile
    {
        RecordedFile(name: name, durationMilliseconds: 60_000, title: title, chapters: chapters)
    }

    @Test(arguments: [
        ("03_the_pool-of__tears.mp3", "the pool-of tears"),
        ("01 - Down the Rabbit-Hole.m4a", "Down the Rabbit-Hole"),
        ("7.mp3", ""), ("012) Looking back.flac", "Looking back"), ("1984.mp3", "1984"),
        ("3rd floor.mp3", "3rd floor"),
        ("Emma.part.two", "Emma.part.two"), (".mp3", ".mp3"), ("../../etc/12. passwd", "passwd"),
        ("Mr. Smith", "Mr. Smith"), ("Vol. 2", "Vol. 2"), ("Chapter 01.MP3", "Chapter 01"), ("  ", ""),
    ])
    func `a file is called by its name, without what only sorts it`(name: String, plain: String) {
        #expect(file(name).plainName == plain)
    }

    @Test func `each file is a chapter, called by its title where that tells them apart`() {
        let titles = Chapter.joined([
            file("01 a.mp3", "Emma"), file("02 b.mp3", " Emma "), file("03.mp3", "The end"), file("04.mp3"),
        ]).map(\.title)
        #expect(titles == ["a", "b", "The end", "Chapter 4"])
    }

    @Test func `chapters of files are moved to where their file plays, and tile the whole`() {
        let chapters = Chapter.joined([
            file("1.mp3", "Front matter"),
            file(
                "2.mp3", "One",
                [
                    ChapterMark(title: "One", startMilliseconds: 500),
                    ChapterMark(title: nil, startMilliseconds: 30_000),
                    ChapterMark(title: "Lost", startMilliseconds: 60_000),
                ]),
            file("3.mp3", "Last"),
        ])
        #expect(chapters.map(\.title) == ["Front matter", "One", "Chapter 3", "Last"])
        #expect(chapters.map(\.span.startMilliseconds) == [0, 60_000, 90_000, 120_000])
        #expect(chapters.map(\.span.endMilliseconds) == [60_000, 90_000, 120_000, 180_000])
    }
}
