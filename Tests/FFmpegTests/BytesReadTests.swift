import Bookshop
import Foundation
import Testing

@testable import FFmpeg

/// What workers read of a book of three hours. Bytes are counted, and not time.
@Suite struct BytesReadTests {
    private static let milliseconds = 10_800_000

    /// Three hours of a minute of noise said over and over, which need not be encoded again.
    private func book(
        _ recordings: Recordings, _ kind: String, _ ending: [String], milliseconds: Int = milliseconds
    ) throws -> [UInt8] {
        let minute = try recordings.ffmpeg(
            ["-f", "lavfi", "-i", "anoisesrc=d=60:r=44100:a=0.3", "-b:a", "64k"], to: "minute.\(kind)")
        let path = try recordings.ffmpeg(
            ["-stream_loop", "-1", "-i", minute, "-c", "copy", "-t", "\(milliseconds / 1000)"] + ending,
            to: "book.\(kind)")
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// An MP4 tells where each of its frames is in one table, which whoever reads any of it reads whole.
    private func tableBytes(of file: [UInt8]) -> Int {
        var (place, table) = (0, 0)
        while place + 8 <= file.count {
            func number(_ count: Int, at start: Int) -> Int {
                file[start..<start + count].reduce(0) { $0 << 8 | Int($1) }
            }
            var size = number(4, at: place)
            if size == 1 { size = number(8, at: place + 8) }
            if file[place + 4..<place + 8].elementsEqual("moov".utf8) { table += size }
            guard size >= 8 else { break }
            place += size
        }
        return table
    }

    /// As the functions read parts of a file, without their client.
    static func ranges(_ bytes: [UInt8], _ count: @escaping (Range<Int>) -> Void) -> RangeReader {
        { _, range in
            let range = range.clamped(to: 0..<bytes.count)
            count(range)
            return (Array(bytes[range]), bytes.count)
        }
    }

    @Test(arguments: [["-movflags", "+faststart"], []])
    func `a book that is heard in pieces is read once, and its table once`(ending: [String]) throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let bytes = try book(recordings, "m4a", ending, milliseconds: 900_000)
        let server = try FileServer(.bytes(bytes))
        var read = 0
        let tools = AudioTools.ffmpeg(ranges: Self.ranges(bytes) { read += $0.count }) { nil }
        for start in [0, 300_000, 600_000] {
            let span = Span(startMilliseconds: start, endMilliseconds: start + 300_000)
            // As FFmpeg hears it in the whole.
            #expect(try tools.listen(server.url, span) == AudioTools.ffmpeg { nil }.listen(server.url, span))
        }
        #expect(Double(read) < 1.1 * Double(bytes.count), "\(read) of \(bytes.count)")
    }

    @Test(arguments: [
        (0..<3, "of no box"), (4..<8, "of another kind"), (28..<36, "of a size beyond its end"),
    ])
    func `what is no MP4 by its boxes is left to FFmpeg`(place: Range<Int>, what: String) throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        var bytes = try book(recordings, "m4a", [], milliseconds: 60_000)
        #expect(try Outline { _ in (bytes, bytes.count) } != nil)
        for index in place { bytes[index] = 0x7F }
        #expect(try Outline { _ in (bytes, bytes.count) } == nil, "\(what)")
    }

    @Test(arguments: [
        ("mp3", []), ("m4a", ["-movflags", "+faststart"]), ("m4a", []),
    ])
    func `of a book of three hours only what is asked for is read, and the table where there is one`(
        kind: String, ending: [String]
    ) throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let bytes = try book(recordings, kind, ending)
        let table = tableBytes(of: bytes)
        #expect((table > 0) == (kind == "m4a"))
        let server = try FileServer(.bytes(bytes))
        let tools = AudioTools.ffmpeg { nil }
        let length = 60_000
        for start in [Self.milliseconds / 2, Self.milliseconds - length] {
            let before = server.sent
            let sound = try tools.listen(
                server.url, Span(startMilliseconds: start, endMilliseconds: start + length))
            #expect(abs(sound.span.durationMilliseconds - length) < 100)
            // What was under way as it had enough is counted too, and how much the kernel holds is its own affair: a
            // few megabytes for each connection. Half of the file is several times as much.
            let share = bytes.count / (Self.milliseconds / length), read = server.sent - before
            #expect(read < share + table + (8 << 20), "\(read) of \(share), at \(server.ranges)")
        }
    }
}
