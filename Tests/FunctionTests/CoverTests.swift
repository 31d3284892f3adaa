import Core
import Cryptography
import Foundation
import TestSupport
import Testing

@testable import upload_complete

/// What upload-complete makes for the shop window.
@Suite struct CoverTests {
    private let bytes: [UInt8] = Array("a picture, or so they say".utf8)
    private func picture(_ pixels: Int) -> Picture {
        Picture(bytes: Array("picture of \(pixels)".utf8), width: pixels, height: pixels / 2)
    }

    private func world(_ database: TestDatabase, as mediaType: String) throws -> (Shop, Upload, Told<String>)
    {
        let sha256 = SHA256.hash(bytes)
        let (editor, upload) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            let upload = try transaction.requestUpload(
                of: DeclaredFile(name: "file", mediaType: mediaType, bytes: bytes.count, sha256: sha256),
                for: try transaction.draft("Emma", by: editor), by: editor, under: .random, to: "media",
                expiresAt: Date(timeIntervalSinceNow: 3600))
            return (editor, upload)
        }
        let stored = Told<String>()
        var shop = database.shop(of: "upload-complete", for: .editor(editor))
        shop.links = .plain
        shop.storage = .holding(
            StoredObject(bytes: bytes.count, mediaType: nil, entityTag: "x", sha256: .whole(sha256)))
        shop.storage.put = { _, key, _, type in stored.append("\(key.prefix(2)) \(type)") }
        return (shop, upload, stored)
    }

    private func done(_ upload: Upload, in shop: Shop) -> Response {
        Lambda.answer(.typed("POST /api/v1/uploads/{id}/complete", id: "\(upload.id)")) {
            try uploadComplete($0, in: shop)
        }
    }

    @Test func `an uploaded picture becomes the cover in its sizes, and no recording`() throws {
        try withDatabase { database in
            var (shop, upload, stored) = try world(database, as: "image/png")
            shop.pictures.probe = { _ in PictureProbe(mediaType: "image/png", width: 1000, height: 500) }
            shop.pictures.fitted = { _, pixels in picture(min(1000, pixels)) }
            let answer = done(upload, in: shop)
            #expect(answer["state"] == "ready" && answer["editionId"] == nil)
            #expect(
                stored.all.count == 4 && Set(stored.all) == ["c/ image/jpeg"], "1000 pixels stand for 1600")
            #expect(try database.count("catalogue.cover_sizes") == 4)
            #expect(try database.count("catalogue.audiobooks WHERE cover_asset_id IS NOT NULL") == 1)
            #expect(try database.count("catalogue.assets WHERE visibility = 'private'") == 1)
            #expect(try database.count("production.transcripts") == 0)
            #expect(try database.count("plumbing.audit_log WHERE action = 'cover.replaced'") == 1)
            shop.pictures = .unset
            #expect(done(upload, in: shop)["state"] == "ready", "said again, nothing is done")
        }
    }

    @Test(arguments: [
        (159, 400, "422 picture-too-small"), (160, 8000, "200"), (400, 8001, "422 picture-too-large"),
    ])
    func `a picture keeps to its measures`(width: Int, height: Int, outcome: String) throws {
        try withDatabase { database in
            var (shop, upload, _) = try world(database, as: "image/jpeg")
            shop.pictures.probe = { _ in PictureProbe(mediaType: "image/jpeg", width: width, height: height) }
            shop.pictures.fitted = { _, _ in picture(160) }
            #expect(done(upload, in: shop).outcome == outcome)
        }
    }

    @Test func `what is no picture is rejected, and a tool that cannot look now does not decide`() throws {
        try withDatabase { database in
            var (shop, upload, stored) = try world(database, as: "image/jpeg")
            shop.pictures.probe = { _ in throw OutsideFailure("ffmpeg", .unavailable, reason: "timeout") }
            #expect(done(upload, in: shop).outcome == "503 outside-unavailable")
            // It begins like one, and cannot be decoded to its end.
            shop.pictures.probe = { _ in PictureProbe(mediaType: "image/jpeg", width: 400, height: 400) }
            shop.pictures.fitted = { _, _ in
                throw OutsideFailure("ffmpeg", .refused, code: "not-a-picture", reason: "half of one")
            }
            #expect(done(upload, in: shop).outcome == "422 not-a-picture")
            #expect(stored.all.isEmpty)
            #expect(try database.count("catalogue.audiobooks WHERE cover_asset_id IS NULL") == 1)
        }
    }

    /// A recording whose picture and sample can be made.
    private func recorded(_ database: TestDatabase) throws -> (Shop, Upload, Told<String>, Told<Span>) {
        var (shop, upload, stored) = try world(database, as: "audio/mp4")
        let cut = Told<Span>()
        shop.audio.probe = { _ in
            AudioProbe(mediaType: "audio/mp4", codec: "aac", durationMilliseconds: 3_600_000)
        }
        shop.audio.sample = { _, span in
            cut.append(span)
            return Recording(
                bytes: Array("\(span.startMilliseconds)".utf8), fileName: "sample.mp3",
                mediaType: "audio/mpeg",
                language: nil)
        }
        shop.pictures.embedded = { _, _ in picture(100) }
        shop.transcriptions = Queue { _, _ in }
        return (shop, upload, stored, cut)
    }

    @Test func `a recording brings its cover and a sample of two minutes, once`() throws {
        try withDatabase { database in
            let (shop, upload, stored, cut) = try recorded(database)
            #expect(done(upload, in: shop)["state"] == "ready")
            #expect(stored.all == ["c/ image/jpeg", "s/ audio/mpeg"])
            #expect(cut.all == [Span(startMilliseconds: 30_000, endMilliseconds: 150_000)])
            #expect(try database.count("catalogue.cover_sizes") == 4)
            #expect(try database.count("catalogue.assets WHERE visibility = 'public'") == 2)
            #expect(done(upload, in: shop)["state"] == "ready")
            #expect(stored.all.count == 2, "said again, nothing is made twice")
        }
    }

    @Test func `what was cut short is made when it is said again, and what cannot be made is left out`()
        throws
    {
        try withDatabase { database in
            var (shop, upload, stored, cut) = try recorded(database)
            let sample = shop.audio.sample
            shop.audio.sample = { _, _ in throw OutsideFailure("ffmpeg", .unavailable, reason: "timeout") }
            #expect(done(upload, in: shop).outcome == "503 outside-unavailable")
            #expect(try database.count("catalogue.editions") == 1, "the recording is there all the same")
            shop.audio.sample = { _, _ in throw OutsideFailure("ffmpeg", .refused, reason: "bad") }
            shop.pictures.embedded = { _, _ in throw OutsideFailure("ffmpeg", .refused, reason: "bad") }
            #expect(done(upload, in: shop)["state"] == "ready")
            shop.audio.sample = sample
            #expect(done(upload, in: shop)["state"] == "ready")
            #expect(stored.all.count == 2 && cut.all.count == 1)
        }
    }

    @Test func `an editor chooses where the sample begins`() throws {
        try withDatabase { database in
            let (shop, upload, _, cut) = try recorded(database)
            func chosen(_ body: String, of book: Audiobook.ID? = nil, in shop: Shop) -> Response {
                let id = "\(book ?? upload.audiobook)"
                return Lambda.answer(.typed("PUT /api/v1/audiobooks/{id}/sample", body, id: id)) {
                    try uploadComplete($0, in: shop)
                }
            }
            let wish = #"{"startMilliseconds": 600000}"#
            #expect(chosen(wish, in: shop).outcome == "409 no-recording")
            #expect(chosen(wish, of: Audiobook.ID(), in: shop).outcome == "404 not-found")
            #expect(done(upload, in: shop)["state"] == "ready")
            let answer = chosen(wish, in: shop)
            #expect(answer["startMilliseconds"] == "600000" && answer["durationMilliseconds"] == "120000")
            #expect(cut.all.last == Span(startMilliseconds: 600_000, endMilliseconds: 720_000))
            for start in [-1, 3_599_001] {
                let refused = chosen(#"{"startMilliseconds": \#(start)}"#, in: shop)
                #expect(refused.outcome == "422 invalid-value")
                #expect(refused["errors/0/pointer"] == "/startMilliseconds")
            }
            #expect(try database.count("catalogue.audiobooks WHERE sample_start_ms = 600000") == 1)
            #expect(try database.count("plumbing.audit_log WHERE action = 'sample.chosen'") == 1)
            let customer = try database.prepared { try $0.person("c") }
            var other = shop
            other.identity = database.shop(of: "upload-complete", for: .customer(customer)).identity
            #expect(chosen(wish, in: other).outcome == "403 forbidden")
        }
    }
}
