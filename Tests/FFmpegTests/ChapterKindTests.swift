import FFmpeg
import Foundation
import Testing

@Suite struct ChapterKindTests {
    private let programs = Programs(allowsFiles: true) { nil }

    /// A recording of twelve seconds with two chapters and a title, of the kind its name says.
    private func marked(_ name: String, in recordings: Recordings, _ options: [String]) throws -> String {
        let notes = """
            ;FFMETADATA1
            title=The Pool
            [CHAPTER]
            TIMEBASE=1/1000
            START=0
            END=4000
            title=Tränen
            [CHAPTER]
            TIMEBASE=1/1000
            START=4000
            END=12000
            title=Shore
            """
        try recordings.write(notes, "notes")
        return try recordings.ffmpeg(
            [
                "-f", "lavfi", "-i", "sine=frequency=440:duration=12", "-i", recordings.path("notes"), "-map",
                "0:a", "-map_metadata", "1",
            ] + options, to: name)
    }

    /// The file with one word in it replaced by another as long.
    private func replaced(_ word: String, by other: String, in path: String) throws {
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        while let range = bytes.range(of: Data(word.utf8)) {
            bytes.replaceSubrange(range, with: Data(other.utf8))
        }
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    private func isMarked(_ path: String) throws -> Bool {
        let probe = try programs.probe(path)
        return probe.chapters.map(\.title) == ["Tränen", "Shore"]
            && probe.chapters.map(\.startMilliseconds) == [0, 4000] && probe.tags["title"] == "The Pool"
    }

    @Test func `chapters of ID3 are found`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let path = try marked("a.mp3", in: recordings, ["-b:a", "64k"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data("CHAP".utf8)) != nil)
        #expect(try isMarked(path))
    }

    @Test func `chapters of a text track are found, and without one those of chpl`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let path = try marked("a.m4b", in: recordings, ["-c:a", "aac", "-f", "mp4"])
        #expect(try isMarked(path))
        // No track says any more that another has its chapters.
        try replaced("tref", by: "free", in: path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data("chpl".utf8)) != nil)
        #expect(try isMarked(path))
        try replaced("chpl", by: "free", in: path)
        #expect(try programs.probe(path).chapters.isEmpty)
    }

    @Test func `chapters and titles of FLAC and of Ogg are found`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        #expect(try isMarked(try marked("a.ogg", in: recordings, ["-c:a", "libopus"])))
        let flac = try programs.probe(try marked("a.flac", in: recordings, []))
        #expect(flac.tags["title"] == "The Pool")
    }
}
