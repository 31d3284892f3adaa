import Bookshop
import FFmpeg
import Foundation
import Testing

@Suite struct ProbeTests {
    private let programs = Programs(allowsFiles: true) { nil }

    private func failure(_ path: String) -> AudioError? {
        do throws(AudioError) {
            _ = try programs.probe(path)
            return nil
        } catch { return error }
    }

    @Test func `a book is found with its chapters, its tags and its cover`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let probe = try programs.probe(try recordings.book("book.m4b"))
        #expect(probe.container == "mp4")
        #expect(probe.mediaType == "audio/mp4")
        #expect(probe.codec == "aac")
        #expect(probe.durationMilliseconds == 12_000)
        #expect(probe.sampleRate == 44_100)
        #expect((50_000...90_000).contains(try #require(probe.bitsPerSecond)))
        #expect(probe.chapters.map(\.title) == ["One", "Zwei; drei = é"])
        #expect(probe.chapters.map(\.startMilliseconds) == [0, 4000])
        #expect(probe.chapters.map(\.endMilliseconds) == [4000, 12_000])
        #expect(probe.tags["title"] == "Emma")
        #expect(probe.hasCover)
    }

    @Test(arguments: [
        ("a.mp3", "audio/mpeg", "mp3"), ("a.flac", "audio/flac", "flac"), ("a.opus", "audio/ogg", "opus"),
        ("a.wav", "audio/wav", "pcm_s16le"), ("a.aac", "audio/aac", "aac"), ("a.m4a", "audio/mp4", "aac"),
        ("a.webm", "audio/webm", "opus"), ("a.ogg", "audio/ogg", "vorbis"),
    ])
    func `every kind is known by its bytes, and as long as it plays`(
        name: String, mediaType: String, codec: String
    ) throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let path = try recordings.tone(name)
        let nameless = recordings.path("original")
        try FileManager.default.moveItem(atPath: path, toPath: nameless)
        let probe = try programs.probe(nameless)
        #expect(probe.mediaType == mediaType)
        #expect(probe.codec == codec)
        #expect((11_900...12_200).contains(probe.durationMilliseconds))
        #expect(!probe.hasCover)
    }

    @Test func `an MP3 that does not say how long it is is counted, however its bitrate varies`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let options = ["-write_xing", "0", "-id3v2_version", "0", "-q:a", "9"]
        // Half of it is silence, which takes few bits: the size tells another length.
        try recordings.ffmpeg(
            ["-f", "lavfi", "-i", "anoisesrc=d=6:r=44100", "-f", "lavfi", "-i", "anullsrc=r=44100:cl=mono"]
                + ["-filter_complex", "[1]atrim=duration=20[s];[0][s]concat=n=2:v=0:a=1"] + options,
            to: "a.mp3")
        let probe = try programs.probe(recordings.path("a.mp3"))
        #expect((25_900...26_200).contains(probe.durationMilliseconds))
    }

    @Test(arguments: ["book.m4b", "late.m4b", "a.mp3", "a.flac"])
    func `half a file is told from a whole one`(name: String) throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let whole = name == "book.m4b" ? try recordings.book(name) : try recordings.tone(name)
        #expect(failure(try recordings.half(whole)) == .truncated)
    }

    @Test func `what holds no sound is no audio`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        #expect(failure(try recordings.write("hello", "a.mp3")) == .notAudio)
        #expect(failure(try recordings.write("", "empty")) == .notAudio)
        #expect(failure(try recordings.write("%PDF-1.7\n", "a.pdf")) == .notAudio)
        let noise = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7919 &+ $0 >> 3) })
        #expect(failure(try recordings.write(noise, "noise")) == .notAudio)
    }

    @Test func `a film is no recording, and what our players do not play is refused by name`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let film = try recordings.ffmpeg(
            ["-f", "lavfi", "-i", "testsrc=d=3", "-f", "lavfi", "-i", "sine=duration=3"], to: "a.mp4")
        #expect(failure(film) == .video)
        let mute = try recordings.ffmpeg(["-f", "lavfi", "-i", "testsrc=d=3"], to: "mute.mp4")
        #expect(failure(mute) == .notAudio)
        #expect(failure(try recordings.tone("b.mp4", "-c:a", "ac3")) == .unsupported("ac3"))
    }

    @Test func `a playlist is not followed`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let server = try FileServer(.status(404))
        let list = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n\(server.url)\n#EXT-X-ENDLIST\n"
        #expect(failure(try recordings.write(list, "a.m3u8")) == .notAudio)
        #expect(failure(try recordings.write("ffconcat version 1.0\nfile \(server.url)\n", "a")) == .notAudio)
        #expect(server.ranges.isEmpty)
    }
}

@Suite struct ListeningTests {
    private let programs = Programs(allowsFiles: true) { nil }

    @Test func `a span is heard as speech models hear it, as long as it is`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        for name in ["a.mp3", "a.m4b"] {
            let path = try recordings.tone(name)
            let span = Span(startMilliseconds: 3_500, endMilliseconds: 8_750)
            let sound = try programs.listen(path, span)
            #expect((4_950...5_300).contains(sound.span.durationMilliseconds))
            let part = Span(startMilliseconds: 4_000, endMilliseconds: 6_000)
            let probe = try programs.probe(try recordings.write(Data(sound.wave(of: part)), "part.wav"))
            #expect(probe.codec == "pcm_s16le" && probe.sampleRate == 16_000)
            #expect(probe.durationMilliseconds == 2_000)
        }
    }

    @Test func `a span begins where it was asked to, and a pause in it is found where it is`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        for name in ["a.mp3", "a.m4b"] {
            let path = try recordings.ffmpeg(
                [
                    "-f", "lavfi", "-i",
                    "aevalsrc=if(between(t\\,7\\,7.4)\\,0\\,sin(2764*t)):d=12:s=44100",
                ], to: name)
            let whole = Span(startMilliseconds: 4_000, endMilliseconds: 10_000)
            let sound = try programs.listen(path, whole)
            #expect((7_100...7_300).contains(sound.quietestMoment(in: whole)))
        }
    }

    @Test func `loudness is what FFmpeg finds too`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let path = try recordings.speech(
            "Emma Woodhouse, handsome, clever, and rich, with a comfortable home and happy disposition.",
            "a.wav")
        let sound = try programs.listen(path, Span(startMilliseconds: 0, endMilliseconds: 60_000))
        let report = recordings.path("loudness")
        let filter = "ebur128=metadata=1,ametadata=mode=print:key=lavfi.r128.I:file=\(report)"
        try recordings.ffmpeg(["-i", path, "-af", filter, "-f", "null"], to: "nothing")
        // `lavfi.r128.I=-22.500`, as it stands after each frame.
        let last = try String(contentsOfFile: report, encoding: .utf8).split(separator: "=").last
        let found = try #require(last.flatMap { Double($0.trimmingCharacters(in: .newlines)) })
        let ours = try #require(Loudness(of: [sound.contour(of: sound.span)]))
        #expect(abs(10 * log10(ours.power) - 0.691 - found) < 0.3)
    }

    /// The bit rate changes with the tone, far from where a proportion of the file would have it.
    @Test(arguments: [
        ("constant.mp3", ["-b:a", "64k"]), ("changing.mp3", ["-q:a", "6"]),
        ("unsaid.mp3", ["-b:a", "64k", "-write_xing", "0"]),
        ("unsaid.mp3", ["-q:a", "6", "-write_xing", "0"]),
    ])
    func `what is far into an MP3 is heard at its moment, however its bit rate varies`(
        name: String, options: [String]
    ) throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let path = try recordings.ffmpeg(
            ["-f", "lavfi", "-i", "aevalsrc=if(gte(t\\,375)\\,sin(2764*t)\\,0):d=600:s=22050"] + options,
            to: name)
        let sound = try programs.listen(
            path, Span(startMilliseconds: 370_000, endMilliseconds: 380_000))
        #expect(sound.loudness(374_000) < 100 && sound.loudness(375_100) > 1000)
    }

    @Test(arguments: [
        ("a.mp3", ["-b:a", "320k"]), ("a.m4b", ["-c:a", "alac"]), ("a.wav", []), ("a.flac", []),
    ])
    func `of a long recording only what is asked for is read`(name: String, options: [String]) throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let path = try recordings.ffmpeg(
            ["-f", "lavfi", "-i", "anoisesrc=d=600:r=44100:a=0.3"] + options, to: name)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let server = try FileServer(.bytes(bytes))
        let span = Span(startMilliseconds: 570_000, endMilliseconds: 575_000)
        let sound = try AudioTools.ffmpeg { nil }.listen(server.url, span)
        #expect((4_900...5_100).contains(sound.span.durationMilliseconds))
        #expect(server.sent < bytes.count / 2, "\(server.ranges)")
    }

    @Test func `a recording that ends before is heard to its end`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let sound = try programs.listen(
            try recordings.tone("a.m4b"), Span(startMilliseconds: 11_000, endMilliseconds: 30_000))
        #expect((900...1_200).contains(sound.span.durationMilliseconds))
    }

    @Test func `a sample is a short MP3`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let bytes = try programs.sample(try recordings.book("book.m4b"), from: 2_000, milliseconds: 5_000)
        let probe = try programs.probe(try recordings.write(Data(bytes), "sample"))
        #expect(probe.mediaType == "audio/mpeg")
        #expect((4_900...5_200).contains(probe.durationMilliseconds))
        #expect(probe.tags["title"] == nil)
    }

    @Test func `a piece too large to be sent is not made`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let path = try recordings.ffmpeg(["-f", "lavfi", "-i", "anoisesrc=d=900:r=16000"], to: "noise.flac")
        let error = #expect(throws: AudioError.self) {
            try programs.listen(path, Span(startMilliseconds: 0, endMilliseconds: 900_000))
        }
        #expect(error == .tooLarge)
    }
}

extension Sound {
    /// The loudest sample of a tenth of a second.
    fileprivate func loudness(_ moment: Int) -> Int {
        let wave = wave(of: Span(startMilliseconds: moment, endMilliseconds: moment + 100)).dropFirst(44)
        return stride(from: wave.startIndex, to: wave.endIndex - 1, by: 2).map {
            abs(Int(Int16(bitPattern: UInt16(wave[$0]) | UInt16(wave[$0 + 1]) << 8)))
        }.max() ?? 0
    }
}

@Suite struct AddressTests {
    @Test func `a recording is read over HTTP by its ranges`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let path = try recordings.tone("a.wav", "-ar", "192000")
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let server = try FileServer(.bytes(bytes))
        let tools = AudioTools.ffmpeg { nil }
        let probe = try tools.probe(server.url)
        #expect(probe.durationMilliseconds == 12_000)
        #expect(probe.sampleRate == 192_000)
        #expect(probe.rejection == nil)
        #expect(server.ranges.contains { $0 != "0-" })
        let sound = try tools.listen(server.url, Span(startMilliseconds: 9_000, endMilliseconds: 10_000))
        #expect(sound.span == Span(startMilliseconds: 9_000, endMilliseconds: 10_000))
    }

    @Test(arguments: [403, 404, 500])
    func `what storage refuses may be tried again, and its address stays untold`(
        status: Int
    ) throws {
        let server = try FileServer(.status(status))
        let failure = try #require(throws: OutsideFailure.self) {
            _ = try AudioTools.ffmpeg { nil }.probe(server.url)
        }
        #expect(failure.kind == .unavailable)
        #expect(failure.code == "unreachable")
        #expect(!failure.reason.contains("secret"))
        #expect(!failure.reason.contains("127.0.0.1"))
    }

    @Test func `silence ends with the event`() throws {
        let server = try FileServer(.silence)
        let failure = #expect(throws: OutsideFailure.self) {
            try AudioTools.ffmpeg { .now + .milliseconds(500) }.probe(server.url)
        }
        #expect(failure?.code == "timeout")
        #expect(failure?.kind == .unavailable)
    }

    @Test func `what is no recording is refused`() throws {
        let server = try FileServer(.bytes(Array("<html>".utf8)))
        let failure = #expect(throws: OutsideFailure.self) { try AudioTools.ffmpeg { nil }.probe(server.url) }
        #expect(failure?.kind == .refused)
        #expect(failure?.code == "not-audio")
    }

    @Test(arguments: [
        "/etc/passwd", "file:///etc/passwd", "concat:/etc/passwd", "-version", "", "ftp://127.0.0.1/a",
        "pipe:0",
        "lavfi:sine", "http:/etc/passwd",
    ])
    func `only HTTP addresses are read`(url: String) {
        let error = #expect(throws: AudioError.self) { try Programs { nil }.probe(url) }
        #expect(error == .notAllowed)
    }
}
