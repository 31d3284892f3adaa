import Core
import Foundation
import TestSupport
import Testing

@testable import catalogue
@testable import exports
@testable import relay

/// A book as one file to keep: who may have it, and when it is made.
@Suite struct BookFileTests {
    @Test func `asked for, it is made once, and then is everybody's who owns the book`() throws {
        try withDatabase { database in
            let world = try BookFile(database)
            #expect(
                world.listed()["exports/0/format"] == "epub" && world.listed()["exports/1/state"] == "none")
            let asked = world.ask("m4b")
            #expect(asked.statusCode == 202 && asked["state"] == "waiting" && asked["url"] == nil)
            #expect(world.ask("m4b").statusCode == 202 && world.queue.all.count == 1, "asked again")
            try world.work()
            #expect(world.parts.put == [[1, 2, 3, 4, 5]] && world.parts.joined == [[1]])
            #expect(world.parts.begun.first?.hasSuffix(".m4b audio/mp4") == true)
            #expect(world.bound.all.first?.authors == ["George Eliot"])
            #expect(world.bound.all.first?.narrators == ["A Reader"])
            try world.work()
            #expect(world.bound.all.count == 1, "a message that comes twice")

            let other = try database.prepared { transaction in
                let other = try transaction.person("d")
                try transaction.buy([world.book], for: other)
                return other
            }
            let ready = world.ask("m4b", as: .customer(other))
            #expect(ready.statusCode == 200 && ready["state"] == "ready" && ready["bytes"] == "5")
            #expect(ready["url"]?.hasPrefix("https://store.test/media/e/") == true)
            #expect(ready["url"]?.hasSuffix(".m4b?name=Emma.m4b&seconds=900") == true)
            #expect(ready.headers["cache-control"] == "private, no-store")
            #expect(try database.count("listening.access_log WHERE action = 'download'") == 1)
            #expect(world.listed()["exports/1/state"] == "ready" && world.listed()["exports/1/url"] == nil)
            #expect(world.queue.all.count == 1)
        }
    }

    @Test func `an EPUB is made of the words and the sound of each chapter`() throws {
        try withDatabase { database in
            let world = try BookFile(database)
            #expect(world.ask("epub").statusCode == 202)
            try world.work()
            let bytes = world.parts.put.flatMap { $0 }
            #expect(String(decoding: bytes[30..<58], as: UTF8.self) == "mimetypeapplication/epub+zip")
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("<span id=\"p1\">Emma Woodhouse,</span>"))
            #expect(text.contains("<dc:creator id=\"author0\">George Eliot</dc:creator>"))
            #expect(world.ask("epub")["contentType"] == "application/epub+zip")
            #expect(world.ask("epub")["bytes"] == "\(bytes.count)")
        }
    }

    @Test func `who may not have it is told why`() throws {
        try withDatabase { database in
            let world = try BookFile(database, saying: nil)
            #expect(world.ask("pdf").outcome == "404 not-found")
            #expect(world.ask("m4b", of: Audiobook.ID()).outcome == "404 not-found")
            #expect(world.ask("epub").outcome == "409 no-transcript")
            #expect(world.listed(["state": "x"]).outcome == "400 invalid-query")
            let stranger = try database.prepared { try $0.person("d") }
            #expect(world.ask("m4b", as: .customer(stranger)).outcome == "403 not-entitled")
            #expect(world.ask("m4b").statusCode == 202)
            try world.work()
            try world.allow(.epub)
            #expect(world.ask("m4b").outcome == "403 export-not-allowed", "though it is there")
            #expect(world.listed()["exports"] == "1")
            try world.allow(.m4b)
            #expect(world.ask("m4b").statusCode == 202, "what an editor took back is gone")
            try world.change(
                "UPDATE listening.entitlements SET state = 'suspended', state_reason = 'dispute'")
            #expect(world.ask("m4b").outcome == "403 suspended" && world.listed().outcome == "403 suspended")
            #expect(
                Lambda.answer(Request.typed("GET /api/v1/library/{id}/exports", id: "\(world.book)")) {
                    try exports($0, in: database.shop(of: "exports"))
                }.outcome == "401 unauthenticated")
        }
    }

    @Test func `what would not be made within one event is refused, and said to be`() throws {
        func track(_ codec: String, bytes: Int = 1, hours: Int = 1) -> Track {
            let milliseconds = hours * 3_600_000
            return Track(
                position: 1,
                asset: AudioAsset(
                    id: AudioAsset.ID(), bucket: "b", objectKey: "k", bytes: bytes, checksum: .whole([]),
                    mediaType: "audio/mp4", codec: codec, durationMilliseconds: milliseconds),
                span: Span(startMilliseconds: 0, endMilliseconds: milliseconds))
        }
        func refusal(_ format: Export.Format, _ tracks: Track...) -> ExportError? {
            do throws(ExportError) {
                try format.check(tracks)
                return nil
            } catch { return error }
        }
        #expect(refusal(.m4b, track("aac", hours: 90)) == nil)
        #expect(refusal(.m4b, track("mp3", hours: 15)) == nil)
        #expect(refusal(.m4b, track("mp3", hours: 8), track("mp3", hours: 8)) == .tooLong)
        #expect(refusal(.epub, track("mp3", hours: 8), track("mp3", hours: 8)) == nil)
        #expect(refusal(.epub, track("flac", hours: 16)) == .tooLong)
        #expect(refusal(.epub, track("mp3", hours: 8), track("aac", hours: 8)) == .tooLong)
        #expect(refusal(.epub, track("mp3", hours: 8), track("aac", hours: 7)) == nil)
        #expect(refusal(.m4b, track("aac", bytes: 4_000_000_000)) == nil)
        #expect(refusal(.m4b, track("aac", bytes: 3_999_999_999), track("aac", bytes: 2)) == .tooLarge)
        #expect(ExportError.tooLarge.problem.type == "not-exportable")
    }

    @Test(arguments: [
        "title", "chapters", "phrase",
    ])
    func `when the book says something else, it is outdated, and made anew`(what: String) throws {
        try withDatabase { database in
            let world = try BookFile(database)
            for format in ["m4b", "epub"] { _ = world.ask(format) }
            try world.work()
            try database.prepared { transaction in
                let page = try transaction.audiobook(.id(world.book), in: .eur, seenBy: .editor)
                let version = page?.version ?? 0
                switch what {
                case "title":
                    try transaction.run(
                        "UPDATE catalogue.audiobooks SET title = 'Emma!' WHERE id = \(world.book)")
                case "chapters":
                    let whole = Span(startMilliseconds: 0, endMilliseconds: 180_000)
                    try transaction.correct(
                        world.book, to: [Chapter(title: "Volume I", span: whole)], by: world.editor,
                        ifVersion: version)
                default:
                    _ = try transaction.correct(
                        1, of: transaction.readableTranscript(of: world.book).id,
                        to: try #require(SegmentText("Emma Woodhouse!")), by: world.editor, ifVersion: 1)
                }
            }
            let states = [world.listed()["exports/0/state"], world.listed()["exports/1/state"]]
            #expect(states == ["outdated", what == "phrase" ? "ready" : "outdated"])
            #expect(world.ask("epub").statusCode == 202)
            try world.work()
            #expect(world.ask("epub").statusCode == 200)
            #expect(try database.count("production.exports WHERE state = 'superseded'") == 1)
            let text = String(decoding: world.parts.put.last ?? [], as: UTF8.self)
            #expect(text.contains(["title": "Emma!", "chapters": "Volume I"][what] ?? "Emma Woodhouse!"))
        }
    }

    @Test func `what fails is tried three times, and again when it is asked for`() throws {
        try withDatabase { database in
            var world = try BookFile(database)
            let (works, fails) = (world.shop, OutsideFailure("ffmpeg", .unavailable, code: "x", reason: "x"))
            world.shop.bindery.bind = { _, _, _, _, _ in throw fails }
            _ = world.ask("m4b")
            for attempt in 1...3 {
                try world.work()
                #expect(world.listed()["exports/1/state"] == (attempt < 3 ? "waiting" : "failed"))
            }
            #expect(world.parts.aborted == ["m-1", "m-2"], "the parts of whoever was before")
            #expect(world.listed()["exports/1/failure"] == "ffmpeg-x")
            #expect(try database.count("plumbing.alerts WHERE kind = 'failed-export'") == 1)
            world.shop = works
            #expect(world.ask("m4b").statusCode == 202 && world.queue.all.count == 2)
            try world.work()
            #expect(world.ask("m4b").statusCode == 200)
            #expect(
                try database.count("plumbing.alerts WHERE kind = 'failed-export' AND resolved_at IS NOT NULL")
                    == 1)
        }
    }

    @Test func `a file that is bad is not tried again`() throws {
        try withDatabase { database in
            var world = try BookFile(database)
            world.shop.bindery.bind = { _, _, _, _, _ in
                throw OutsideFailure("ffmpeg", .refused, code: "truncated", reason: "x")
            }
            _ = world.ask("m4b")
            try world.work()
            #expect(world.listed()["exports/1/state"] == "failed")
        }
    }

    @Test func `a worker that does not come back costs one try, and after three it is given up`() throws {
        try withDatabase { database in
            let world = try BookFile(database)
            _ = world.ask("m4b")
            let id = try #require(Export.ID(world.queue.all[0]))
            func claimed() throws -> ClaimedExport? {
                try database.connect(as: "exports").transaction(.repeatableRead) {
                    try $0.claimExport(id, leaseSeconds: 60)
                }
            }
            for attempt in 1...3 {
                #expect(try claimed()?.attempt == attempt)
                #expect(try claimed() == nil, "it is in other hands")
                try world.change("UPDATE production.exports SET leased_until = '-infinity'")
                try world.change("UPDATE production.exports SET sent_at = '-infinity'")
                var relayed = database.shop(of: "relay")
                let sent = Told<String>()
                relayed.exports = .telling(sent)
                try Sweep.lostWork.run(in: relayed)
                try Sweep.lostWork.run(in: relayed)
                #expect(sent.all == ["\(id)"])
            }
            #expect(try claimed() == nil)
            #expect(world.listed()["exports/1/failure"] == "worker-lost")
        }
    }

    @Test func `who was given up meanwhile, or lost the lease, changes nothing`() throws {
        try withDatabase { database in
            var world = try BookFile(database)
            world.shop.bindery.bind = { _, _, _, _, take in
                try world.allow()
                try take(MadeFile(bytes: 1) { try $0([1]) })
            }
            _ = world.ask("m4b")
            #expect(throws: LeaseLost.self) { try world.work() }
            #expect(
                try database.count("production.exports WHERE state = 'superseded' AND bytes IS NULL") == 1)
        }
    }

    @Test func `a day after it was superseded its file goes, and its parts`() throws {
        try withDatabase { database in
            let world = try BookFile(database)
            _ = world.ask("m4b")
            try world.work()
            _ = world.ask("epub")
            try world.change("UPDATE production.exports SET storage_upload_id = 'left' WHERE format = 'epub'")
            try world.allow()
            var shop = database.shop(of: "relay")
            let removed = Told<String>(), parts = FakeParts()
            shop.multipart = parts.port
            shop.storage.remove = { _, key in
                removed.append(String(key.suffix(4)))
                if removed.all.count == 1 { throw OutsideFailure("storage", .unavailable, reason: "none") }
            }
            try Sweep.exports.run(in: shop)
            #expect(removed.all.isEmpty)
            try world.change("UPDATE production.exports SET superseded_at = now() - interval '86401 seconds'")
            try Sweep.exports.run(in: shop)
            #expect(removed.all.count == 2)
            try Sweep.exports.run(in: shop)
            #expect(removed.all.count == 3 && Set(removed.all) == [".m4b", "epub"])
            #expect(parts.aborted.allSatisfy { $0 == "left" } && !parts.aborted.isEmpty)
            #expect(try database.count("production.exports") == 0)
        }
    }

    @Test func `two who ask at once ask for one`() throws {
        try withDatabase { database in
            let world = try BookFile(database)
            let book = world.book
            let wanted = try atOnce(8) { _, line in
                let connection = database.connect(as: "exports")
                try connection.transaction(.readCommitted) { _ = try $0.exports(of: book) }
                line.wait()
                let (export, isNew) = try connection.transaction(.readCommitted) {
                    try $0.want(.m4b, of: book, in: "media")
                }
                return (export.id, isNew)
            }.map { try $0.get() }
            #expect(wanted.filter(\.1).count == 1 && Set(wanted.map(\.0)).count == 1)
        }
    }

    @Test func `editors allow it, on the version they saw`() throws {
        try withDatabase { database in
            let world = try BookFile(database)
            var shop = database.shop(of: "catalogue", for: .editor(world.editor))
            shop.links = .plain
            func change(_ body: String, _ version: String?) -> Response {
                let headers = version.map { ["if-match": $0] } ?? [:]
                let request = Request.typed(
                    "PATCH /api/v1/audiobooks/{id}", body, id: "\(world.book)", headers: headers)
                return Lambda.answer(request) { try catalogue($0, in: shop) }
            }
            func page() -> Response {
                Lambda.answer(Request.typed("GET /api/v1/audiobooks/{id}", id: "\(world.book)")) {
                    try catalogue($0, in: shop)
                }
            }
            let tag = try #require(page().headers["etag"])
            #expect(change(#"{"exports": ["m4b", "m4b"]}"#, tag).outcome == "422 invalid-value")
            #expect(change(#"{"exports": ["pdf"]}"#, tag).outcome == "400 malformed-body")
            #expect(change(#"{"exports": []}"#, "\"1\"").outcome == "412 changed-meanwhile")
            #expect(change(#"{"exports": []}"#, nil).outcome == "428 precondition-required")
            let changed = change(#"{"exports": ["m4b"], "subtitle": "A novel"}"#, tag)
            #expect(changed["exports"] == "1" && changed["exports/0"] == "m4b", "\(changed.text)")
            #expect(changed["subtitle"] == "A novel")
            let same = change(#"{"exports": ["m4b"]}"#, changed.headers["etag"])
            #expect(same.headers["etag"] == changed.headers["etag"], "the same again is no change")
            #expect(try database.count("plumbing.audit_log WHERE action = 'exports.allowed'") == 2)
        }
    }
}
