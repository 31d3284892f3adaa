import Bookshop
import Foundation
import Testing

@testable import FFmpeg

@Suite struct PictureTests {
    private let programs = Programs(allowsFiles: true) { nil }

    /// A picture without an ending, as uploads are stored.
    private func picture(_ size: String, _ kind: String, in recordings: Recordings) throws -> String {
        let path = try recordings.ffmpeg(
            ["-f", "lavfi", "-i", "testsrc=s=\(size):d=1", "-frames:v", "1"], to: "picture.\(kind)")
        try FileManager.default.moveItem(atPath: path, toPath: recordings.path("original"))
        return recordings.path("original")
    }

    private func failure(_ body: () throws(AudioError) -> Void) -> AudioError? {
        do throws(AudioError) {
            try body()
            return nil
        } catch { return error }
    }

    @Test(arguments: [("png", "image/png"), ("jpg", "image/jpeg")])
    func `a picture is known by its bytes and made to fit, never larger`(kind: String, type: String) throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let path = try picture("1200x900", kind, in: recordings)
        #expect(try programs.probePicture(path) == PictureProbe(mediaType: type, width: 1200, height: 900))
        for (pixels, width, height) in [(400, 400, 300), (1200, 1200, 900), (1600, 1200, 900)] {
            let fitted = try programs.picture(path, pixels: pixels)
            #expect(fitted.width == width && fitted.height == height)
            #expect(fitted == (try programs.picture(path, pixels: pixels)), "the same bytes each time")
        }
    }

    @Test func `what is no picture is refused, however it begins`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        #expect(
            failure { () throws(AudioError) in _ = try programs.probePicture(recordings.path("none")) } != nil
        )
        let text = try recordings.write("hello", "text")
        #expect(failure { () throws(AudioError) in _ = try programs.probePicture(text) } == .notPicture)
        let tone = try recordings.tone("a.mp3")
        #expect(failure { () throws(AudioError) in _ = try programs.probePicture(tone) } == .notPicture)
        let half = try recordings.half(try picture("1200x900", "jpg", in: recordings))
        #expect(
            failure { () throws(AudioError) in _ = try programs.picture(half, pixels: 400) } == .notPicture)
    }

    @Test func `a picture that would fill the memory is not decoded`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let path = try picture("9000x8000", "png", in: recordings)
        #expect(failure { () throws(AudioError) in _ = try programs.probePicture(path) } == .tooManyPixels)
        #expect(
            failure { () throws(AudioError) in _ = try programs.picture(path, pixels: 400) } == .tooManyPixels
        )
    }

    @Test func `a recording's own cover is taken out of it, where it has one`() throws {
        let recordings = try Recordings()
        defer { recordings.remove() }
        let cover = try programs.embeddedPicture(try recordings.book("book.m4b"), pixels: 1600)
        #expect(cover?.width == 64 && cover?.height == 64)
        #expect(try programs.embeddedPicture(try recordings.tone("a.mp3"), pixels: 1600) == nil)
    }
}
