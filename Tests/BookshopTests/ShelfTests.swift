import Bookshop
import Foundation
import Testing

@Suite struct ShelfTests {
    @Test(arguments: [
        ("1", 1000), ("2.5", 2500), ("2,5", 2500), ("Book 3", 3000), ("1–3", 1000), ("0.125", 125),
        ("10.1234", 10_123), ("99999", 99_999_000), ("100000", nil), ("Prequel", nil), ("", nil),
        ("99999999999999999999", nil),
    ])
    func `a label is sorted by its first number`(label: String, thousandths: Int?) {
        #expect(SeriesEntry.SortKey(label: label)?.thousandths == thousandths)
    }

    @Test func `what has no number stands at the end, unless an editor says where`() {
        #expect(SeriesEntry(Series.ID(), label: "Prequel").sortKey == .last)
        #expect(SeriesEntry(Series.ID()).sortKey == .last)
        let key = SeriesEntry.SortKey(thousandths: 500)
        #expect(SeriesEntry(Series.ID(), label: "7", sortKey: key).sortKey == key)
        #expect(SeriesEntry.SortKey(thousandths: -1) == nil)
        #expect(SeriesEntry.SortKey(thousandths: 100_000_000) == nil)
    }

    @Test(arguments: [
        ("9783161484100", true), ("9783161484101", false), ("9790000000001", true), ("978316148410", false),
        ("9773161484100", false), ("978-3161484100", false), ("", false),
    ])
    func `an ISBN checks itself`(text: String, isOne: Bool) {
        #expect((ISBN13(rawValue: text) != nil) == isOne)
    }

    @Test func `a description refers to each thing once`() throws {
        let series = Series.ID(), category = Category.ID(),
            english = try #require(LanguageTag(rawValue: "en"))
        func describe(_ series: [SeriesEntry] = [], _ categories: [Bookshop.Category.ID] = [])
            throws(DescriptionError)
        {
            _ = try BookDescription(
                title: "Emma", language: english, people: [], series: series, categories: categories)
        }
        try describe([SeriesEntry(series)], [category])
        #expect(throws: DescriptionError.repeated(.series, at: 1)) {
            try describe([SeriesEntry(series, label: "1"), SeriesEntry(series, label: "2")])
        }
        #expect(throws: DescriptionError.repeated(.categories, at: 1)) {
            try describe([], [category, category])
        }
        #expect(throws: DescriptionError.label(at: 0)) {
            try describe([SeriesEntry(series, label: String(repeating: "1", count: 31))])
        }
        #expect(throws: DescriptionError.title) {
            try BookDescription(title: "a\u{0}b", language: english, people: [])
        }
        #expect(throws: DescriptionError.name(at: 0)) {
            try BookDescription(
                title: "a", language: english, people: [Credit(name: "a\nb", role: .author)])
        }
    }

    @Test(arguments: [
        ("Emma", 0, nil), (" ", 0, ShelfError.name(longest: 100)), ("Emma", 1_000_001, .position),
    ])
    func `a category has a name and a place`(name: String, position: Int, refusal: ShelfError?) {
        do throws(ShelfError) {
            _ = try CategoryDescription(name: name, slug: nil, position: position)
            #expect(refusal == nil)
        } catch { #expect(error == refusal) }
    }

    private func track(_ start: Int, _ end: Int) -> Track {
        Track(
            position: 1,
            asset: AudioAsset(
                id: AudioAsset.ID(), bucket: "b", objectKey: "k", bytes: 1, checksum: .whole([]),
                mediaType: "audio/mp4",
                codec: "aac", durationMilliseconds: end - start),
            span: Span(startMilliseconds: start, endMilliseconds: end))
    }

    @Test(arguments: [
        (0, 4_000_000, 120_000), (0, 480_000, 120_000), (0, 400_000, 100_000), (3_999_000, 4_000_000, 1_000),
        (0, 1_000, 1_000),
    ])
    func `a sample is two minutes and a quarter of the whole at most`(start: Int, end: Int, length: Int) {
        #expect(Sample(of: track(0, end), from: start)?.durationMilliseconds == length)
    }

    @Test func `a sample begins within a file, a second before its end at the latest`() {
        #expect(Sample(of: track(0, 10_000), from: 9_001) == nil)
        #expect(Sample(of: track(0, 10_000), from: -1) == nil)
        #expect(Sample(of: track(10_000, 20_000), from: 9_999) == nil)
        #expect(Sample(of: track(10_000, 20_000), from: 10_000)?.startMilliseconds == 10_000)
    }

    @Test(arguments: [
        ([0, 90_000], 3_600_000, 90_000), ([0, 180_001], 3_600_000, 30_000), ([0], 3_600_000, 30_000),
        ([0], 599_999, 0), ([0, 90_000], 209_999, 0),
    ])
    func `a sample begins behind the credits`(starts: [Int], duration: Int, start: Int) {
        let chapters = Chapter.tiling(
            starts.map { ChapterMark(title: nil, startMilliseconds: $0) }, durationMilliseconds: duration,
            bookTitle: "Emma")
        #expect(Sample.start(in: chapters, durationMilliseconds: duration) == start)
    }

    @Test(arguments: [
        ([(0, 500), (500, 1000)], nil), ([], ChapterError.none), ([(1, 1000)], .start(at: 0, expected: 0)),
        ([(0, 500), (501, 1000)], .start(at: 1, expected: 500)),
        ([(0, 500), (499, 1000)], .start(at: 1, expected: 500)), ([(0, 99), (99, 1000)], .tooShort(at: 0)),
        ([(0, 100), (100, 1000)], nil), ([(0, 999)], .end(at: 0, expected: 1000)),
        ([(0, 1001)], .end(at: 0, expected: 1000)), ([(0, Int.min)], .tooShort(at: 0)),
        ([(0, Int.max)], .end(at: 0, expected: 1000)),
    ])
    func `an editor's chapters tile the book or are refused`(spans: [(Int, Int)], refusal: ChapterError?) {
        do throws(ChapterError) {
            let chapters = try Chapter.checked(
                spans.map { (title: " One ", startMilliseconds: $0.0, endMilliseconds: $0.1) },
                durationMilliseconds: 1000)
            #expect(refusal == nil && chapters.allSatisfy { $0.title == "One" })
        } catch { #expect(error == refusal) }
    }

    @Test func `a JPEG is as large as its frame says`() {
        let head: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC0, 0, 17, 8, 1, 0, 2, 0x80, 3]
        let picture = Picture(jpeg: head)
        #expect(picture?.width == 640 && picture?.height == 256)
        for end in 0..<17 { #expect(Picture(jpeg: Array(head.prefix(end))) == nil) }
        #expect(Picture(jpeg: [0x89, 0x50, 0x4E, 0x47]) == nil)
    }
}
