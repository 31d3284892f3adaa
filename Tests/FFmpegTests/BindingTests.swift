import Bookshop
import FFmpeg
import Foundation
import Testing

/// A book as one file, and one file for each chapter.
@Suite struct BindingTests {
    private let labels: BookLabels

    init() throws {
        labels = BookLabels(
            title: "Emma; or = not", subtitle: nil, description: "A\nnovel # 1",
            language: try #require(LanguageTag(rawValue: "en")), authors: ["Jane Austen", "B"],
            narrators: ["N. Arrator"],
            series: [
                BookLabels.InSeries(
                    name: "Novels", label: "4", sortKey: try #require(SeriesEntry.SortKey(thousandths: 4000)))
            ])
    }

    private func chapters(_ ends: Int...) -> [Chapter] {
        zip([0] + ends, ends).enumerated().map { index, span in
            Chapter(
                title: "Kapitel \(index + 1); é",
                span: Span(startMilliseconds: span.0, endMilliseconds: span.1))
        }
    }

    /// What ffprobe says, who has no part in making it.
    private func probed(_ path: String) throws -> Probe {
        try Programs(allowsFiles: true) { nil }.probe(path)
    }

    private func bindery(in recordings: Recordings) -> Bindery {
        Bindery.ffmpeg(allowsFiles: true, in: recordings.folder) { nil }
    }

    private func bound(
        _ sources: [SoundSource], _ chapters: [Chapter], cover: [UInt8]? = nil, in recordings: Recordings
    ) throws -> String {
        let copy = recordings.path("bound")
        try bindery(in: recordings).bind(sources, chapters, labels, cover) { file in
            var bytes: [UInt8] = []
            try file.read { bytes += $0 }
            #expect(bytes.count == file.bytes)
            // Players begin before all is there.
            let beginning = String(decoding: bytes.prefix(200_000), as: UTF8.self)
            let index = try #require(beginning.range(of: "moov"))
            #expect(beginning.range(of: "mdat").map { index.lowerBound < $0.lowerBound } ?? true)
            try Data(bytes).write(to: URL(fileURLWithPath: copy))
        }
        return copy
    }

    @Test func `files of AAC become one M4B, copied, with chapters over their borders, labels and a cover`()
        throws
    {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let sources = [
            SoundSource(url: try recordings.tone("a.m4a"), durationMilliseconds: 12_000),
            SoundSource(url: try recordings.tone("b.m4a"), durationMilliseconds: 12_000),
        ]
        let picture = try recordings.ffmpeg(
            ["-f", "lavfi", "-i", "color=red:s=64x64:d=1", "-frames:v", "1"], to: "cover.jpg")
        let cover = try [UInt8](Data(contentsOf: URL(fileURLWithPath: picture)))
        let chapters = chapters(10_000, 14_000, 24_000)
        let path = try bound(sources, chapters, cover: cover, in: recordings)
        let probe = try probed(path)
        #expect(probe.codec == "aac" && probe.mediaType == "audio/mp4" && probe.hasCover)
        #expect(abs(probe.durationMilliseconds - 24_000) < 60)
        #expect(probe.chapters.map(\.title) == chapters.map(\.title))
        #expect(probe.chapters.map(\.startMilliseconds) == [0, 10_000, 14_000])
        #expect(probe.tags["title"] == labels.title && probe.tags["artist"] == "Jane Austen, B")
        #expect(probe.tags["composer"] == "N. Arrator" && probe.tags["grouping"] == "Novels #4")
        #expect(probe.tags["media_type"] == "2" && probe.tags["description"] == labels.description)
        // Undecoded: a frame of one is a frame of the other.
        let frames = try recordings.hashes(of: path)
        let missing = try Set(recordings.hashes(of: sources[0].url)).subtracting(frames)
        #expect(missing.isEmpty, "\(missing.count) of \(frames.count)")
    }

    @Test func `what is no AAC is encoded, and each file stays in its place`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let names = ["a.mp3", "b.mp3", "c.mp3"]
        let sources = try names.map {
            SoundSource(url: try recordings.tone($0), durationMilliseconds: 12_000)
        }
        let probe = try probed(try bound(sources, chapters(12_000, 24_000, 36_000), in: recordings))
        #expect(probe.codec == "aac" && !probe.hasCover)
        #expect(abs(probe.durationMilliseconds - 36_000) < 100)
    }

    @Test(arguments: ["b.m4a", "b.mp3", "b.wav"])
    func `files that differ are encoded, each for itself`(second: String) throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let sources = [
            SoundSource(url: try recordings.tone("a.m4a"), durationMilliseconds: 12_000),
            SoundSource(
                url: try recordings.tone(second, "-ar", "22050", "-ac", "2"), durationMilliseconds: 12_000),
        ]
        let path = try bound(sources, chapters(24_000), in: recordings)
        #expect(abs(try probed(path).durationMilliseconds - 24_000) < 100)
        // Both are heard, and not one as noise: a tone of 440 Hz crosses nothing 880 times a second.
        let sound = try Programs(allowsFiles: true) { nil }.listen(
            path, Span(startMilliseconds: 14_000, endMilliseconds: 20_000))
        #expect(abs(sound.crossings - 6 * 880) < 100)
    }

    @Test(arguments: [("m4a", "audio/mp4"), ("mp3", "audio/mpeg"), ("flac", "audio/mp4")])
    func `each chapter becomes a file, and none of the sound is lost or twice there`(
        ending: String, mediaType: String
    ) throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let sources = try ["a", "b"].map {
            SoundSource(url: try recordings.tone("\($0).\(ending)"), durationMilliseconds: 12_000)
        }
        let chapters = chapters(5000, 15_000, 15_100, 24_000)
        try bindery(in: recordings).split(sources, chapters) { sounds, kind in
            #expect(kind.mediaType == mediaType && sounds.count == 4)
            #expect(sounds.first?.span.startMilliseconds == 0)
            for (sound, next) in zip(sounds, sounds.dropFirst()) {
                #expect(sound.span.endMilliseconds == next.span.startMilliseconds)
            }
            for (index, (sound, chapter)) in zip(sounds, chapters).enumerated() {
                // A frame of MP3 is 26 ms, one of AAC 23.
                #expect((0...27).contains(sound.span.startMilliseconds - chapter.span.startMilliseconds))
                let path = recordings.path("\(index).\(kind.rawValue)")
                var bytes: [UInt8] = []
                try sound.file.read { bytes += $0 }
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                guard index != 2 else { continue }
                #expect(abs(try probed(path).durationMilliseconds - sound.span.durationMilliseconds) < 60)
            }
        }
    }

    @Test func `a file that ends before it should makes no book`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let source = SoundSource(url: try recordings.tone("a.m4a"), durationMilliseconds: 60_000)
        #expect(throws: OutsideFailure.self) {
            try bindery(in: recordings).bind([source], chapters(60_000), labels, nil) { _ in }
        }
        #expect(throws: OutsideFailure.self) {
            try bindery(in: recordings).split([source], chapters(60_000)) { _, _ in }
        }
    }

    @Test func `files are there as long as they are looked at, and no longer`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let source = SoundSource(url: try recordings.tone("a.m4a"), durationMilliseconds: 12_000)
        var kept: MadeFile?
        try bindery(in: recordings).bind([source], chapters(12_000), labels, nil) { kept = $0 }
        let file = try #require(kept)
        #expect(throws: AudioError.self) { try file.read { _ in } }
    }

    @Test func `no address but of the web is read, and none that breaks out of the list`() throws {
        let programs = Bindery.ffmpeg { nil }
        for url in ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/'\nfile '/etc/passwd"] {
            let source = SoundSource(url: url, durationMilliseconds: 1000)
            #expect(throws: OutsideFailure.self) {
                try programs.bind([source], chapters(1000), labels, nil) { _ in }
            }
        }
    }
}

extension Recordings {
    /// Of the frames of its sound, undecoded.
    func hashes(of path: String) throws -> [String] {
        let list = try ffmpeg(
            ["-i", path, "-map", "0:a:0", "-c", "copy", "-f", "framehash", "-hash", "md5"], to: "frames")
        let lines = try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n")
        // Behind the hash of a frame stands that of what is told beside it.
        return lines.filter { !$0.hasPrefix("#") }.map { String($0.split(separator: ",")[5]) }
    }
}

extension Sound {
    /// How often it passes through nothing.
    fileprivate var crossings: Int {
        // Of samples of two bytes, the lower first, the upper one bears the sign.
        let isNegative = stride(from: 1, to: bytes.count, by: 2).map { bytes[$0] >= 0x80 }
        return zip(isNegative, isNegative.dropFirst()).count { $0 != $1 }
    }
}
