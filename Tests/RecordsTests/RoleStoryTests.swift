import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

/// What each function does, done with its rights alone: one that is missing is an error at a customer's
/// request otherwise.
@Suite struct RoleStoryTests {
    private let account = Account(issuer: "https://id.test", subject: "e", email: "e@id.test", name: "E")

    private func text(_ words: String) -> SpokenText {
        SpokenText(
            model: "whisper-1", language: "en",
            segments: [SpokenSegment(text: words, startMilliseconds: 0, endMilliseconds: 900)])
    }

    @Test func `an editor brings a book onto the shelf`() throws {
        try withDatabase { database in
            let all = database.connect(), catalogue = database.connect(as: "catalogue")
            let presign = database.connect(as: "presign"), complete = database.connect(as: "upload-complete")
            let transcribe = database.connect(as: "transcribe"), summarise = database.connect(as: "summarise")
            let editor = try catalogue.transaction { try $0.principal(of: account).id }
            try all.transaction { try $0.grant(.editor, to: editor) }
            let book = try catalogue.transaction { transaction in
                #expect(try transaction.begin(.random, of: "e", requestHash: .hash, lockSeconds: 9) == .fresh)
                let book = try transaction.draft("Emma", by: editor)
                try transaction.setPrice(Money(minorUnits: 1499, currency: .eur), of: book, by: editor)
                try transaction.setPrice(Money(minorUnits: 999, currency: .eur), of: book, by: editor)
                return book
            }
            let sha256 = [UInt8](repeating: 1, count: 32)
            let upload = try presign.transaction { transaction in
                #expect(try transaction.principal(of: account).roles == [.editor])
                #expect(try transaction.signingKey("1", of: "a") == nil)
                try transaction.wishSigningKeys(of: "a")
                try transaction.wishSigningKeys(of: "a")
                return try transaction.requestUpload(
                    of: DeclaredFile(name: "a.m4b", mediaType: "audio/mp4", bytes: 10, sha256: sha256),
                    for: book,
                    by: editor, under: .random, to: "media", expiresAt: Date(timeIntervalSinceNow: 60))
            }
            let probe = AudioProbe(mediaType: "audio/mp4", codec: "aac", durationMilliseconds: 60_000)
            let accepted = try complete.transaction { transaction in
                #expect(try transaction.upload(at: upload.objectKey, in: "media") == upload)
                _ = try transaction.beginVerifying(upload.id)
                return try transaction.accept(upload.id, as: probe)
            }
            try transcribe.transaction { transaction in
                let id = try transaction.startTranscript(of: book)
                #expect(try transaction.tracks(of: accepted.edition).count == 1)
                let whole = [Span(startMilliseconds: 0, endMilliseconds: 60_000)]
                #expect(try transaction.plan(id, chunks: whole) == [1])
                let first = try #require(try transaction.claimChunk(1, of: id, leaseSeconds: 60))
                #expect(try transaction.fail(first, because: "throttled", maximumAttempts: 1))
                #expect(try transaction.startTranscript(of: book) == id)
                let again = try #require(try transaction.claimChunk(1, of: id, leaseSeconds: 60))
                #expect(try transaction.complete(again, with: text("Emma Woodhouse")) == .assembled)
                #expect(try transaction.segments(of: id, limit: 9).count == 1)
            }
            let summary = try summarise.transaction { transaction in
                let told = try transaction.claimEvents(limit: 100).last {
                    $0.topic == .transcriptionCompleted
                }
                #expect(try transaction.consume(try #require(told).id, by: "summarise"))
                let due = try transaction.wantSummaries(ofReady: accepted.transcript)
                let summary = try transaction.wantSummaries(of: accepted.transcript)
                let chapter = try transaction.wantSummary(of: accepted.transcript, .chapter(1))
                #expect(due == [chapter])
                let first = try #require(try transaction.claimSummary(chapter, leaseSeconds: 60))
                let price = WritingCost(calls: 1, tokensRead: 2, tokensWritten: 3, nanodollars: 4)
                #expect(
                    try !transaction.fail(first, because: "throttled", cost: price, maximumAttempts: 2).isLast
                )
                let again = try #require(try transaction.claimSummary(chapter, leaseSeconds: 60))
                #expect(try transaction.sources(for: again) == [.phrases(["Emma Woodhouse"])])
                let writing = Writing(model: "gpt", text: "Well.")
                #expect(
                    try transaction.store(writing, promptVersion: "3", cost: price, for: again) == summary)
                let whole = try #require(try transaction.claimSummary(summary, leaseSeconds: 60))
                #expect(try transaction.sources(for: whole) == [.told("Well.")])
                _ = try transaction.store(writing, promptVersion: "3", cost: price, for: whole)
                #expect(try transaction.regenerate(chapter, by: editor) != chapter)
                #expect(try transaction.transcript(of: book)?.state == .ready)
                #expect(try transaction.summaries(of: book).items.count == 3)
                return summary
            }
            try catalogue.transaction { transaction in
                try transaction.approve(summary, by: editor)
                let page = try #require(try transaction.audiobook(.id(book), in: .eur, seenBy: .editor))
                let text = try BookDescription(
                    title: "Emma", language: page.language, people: page.people.map(\.credit))
                try transaction.describe(book, as: text, ifVersion: page.version)
                try transaction.publish(book, ifVersion: page.version + 1)
                #expect(try transaction.approvedSummary(of: book)?.text == "Well.")
                #expect(try transaction.catalogue(CatalogueQuery(text: "e", currency: .eur)).items.count == 1)
                #expect(try transaction.chapters(of: accepted.edition).count == 1)
            }
        }
    }

    @Test func `a customer buys a book and hears it`() throws {
        try withDatabase { database in
            let books = try database.connect().transaction { transaction in
                let editor = try transaction.person("e", .editor)
                return [
                    try transaction.published("Emma", by: editor),
                    try transaction.published("Persuasion", price: 0, by: editor),
                ]
            }
            let cart = database.connect(as: "cart"), checkout = database.connect(as: "checkout")
            let webhook = database.connect(as: "stripe-webhook"), library = database.connect(as: "library")
            let customer = try cart.transaction { transaction in
                let customer = try transaction.principal(of: account).id
                try transaction.add(books[1], toCartOf: customer, in: .eur)
                try transaction.clearCart(of: customer)
                try transaction.add(books[0], toCartOf: customer, in: .eur)
                try transaction.remove(books[0], fromCartOf: customer)
                try transaction.add(books[0], toCartOf: customer, in: .eur)
                return customer
            }
            let attempt = try checkout.transaction { transaction in
                #expect(try transaction.email(of: customer) == nil)
                let cart = try #require(try transaction.cart(of: customer))
                let draft = try cart.checkedOut(owning: transaction.audiobooks(ownedBy: customer))
                #expect(try transaction.pendingOrder(of: cart.id) == nil)
                let key = IdempotencyKey.random
                #expect(try transaction.order(of: customer, under: key, requestHash: .hash) == nil)
                let order = try transaction.place(
                    draft, for: customer, under: key, requestHash: .hash, waiver: nil)
                let first = try transaction.opened(order)
                try transaction.mark(first.id, as: .failed(code: "declined"))
                return try transaction.opened(order)
            }
            let event = WebhookEvent(
                provider: .stripe, id: "evt_1", type: "checkout.session.completed", apiVersion: nil,
                isLive: false,
                objectID: nil, createdAt: Date(), raw: [1])
            try webhook.transaction(.readCommitted) { transaction in
                #expect(try transaction.receive(event) == .first)
                let found = try #require(try transaction.attempt(withSession: "cs_\(attempt.id)"))
                #expect(try transaction.mark(found.id, as: .processing, session: found.sessionID))
                #expect(try !transaction.close(found.order, as: .expired))
                #expect(try transaction.record(.test(of: found)) == .applied)
                try transaction.settle(event, as: .processed)
            }
            try library.transaction { transaction in
                #expect(try transaction.library(of: customer).items.map(\.audiobook) == [books[0]])
                let right = try transaction.entitlement(of: customer, to: books[0])
                let edition = try #require(try transaction.currentEdition(of: books[0]))
                #expect(try transaction.chapters(of: edition).count == 1)
                let track = try #require(try transaction.tracks(of: edition).first)
                try transaction.record(
                    AccessRecord(
                        entitlement: right.id, asset: track.asset.id, action: .download, ip: nil,
                        userAgent: nil))
                #expect(try transaction.approvedSummary(of: books[0]) == nil)
            }
            try cart.transaction { try $0.add(books[1], toCartOf: customer, in: .eur) }
            try checkout.transaction { transaction in
                let cart = try #require(try transaction.cart(of: customer))
                let order = try transaction.place(
                    cart.checkedOut(owning: []), for: customer, under: .random, requestHash: .hash,
                    waiver: nil)
                let attempt = try transaction.attempt(toPay: order.id, until: Date())
                #expect(try transaction.record(.free(attempt, at: Date())) == .applied)
            }
        }
    }

    @Test func `the relay finds what others left`() throws {
        try withDatabase { database in
            let order = try database.connect().transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.published("Emma", by: editor)
                let file = try DeclaredFile(name: "e.m4b", mediaType: "audio/mp4", bytes: 1, sha256: .hash)
                _ = try transaction.requestUpload(
                    of: file, for: book, by: editor, under: .random, to: "media",
                    expiresAt: Date(timeIntervalSinceNow: 3600))
                let order = try transaction.ordered([book], by: try transaction.person("c"))
                _ = try transaction.opened(order)
                return order
            }
            let relay = database.connect(as: "relay")
            try relay.transaction { transaction in
                #expect(try transaction.take(Lease(), of: "sweep", seconds: 0))
                #expect(
                    try transaction.claimSigningKeyRefresh(of: "a", floorSeconds: 1, maximumAgeSeconds: 1))
                let key = SigningKey(kid: "1", modulus: [UInt8](repeating: 9, count: 256), exponent: [3])
                try transaction.store([key], of: "a")
                #expect(try transaction.lostTranscriptionWork(idleSeconds: 0, limit: 9).count == 1)
                #expect(try transaction.lostSummaries(idleSeconds: 0, limit: 9).isEmpty)
                #expect(try transaction.abandonedUploads(graceSeconds: 0, limit: 9).isEmpty)
                #expect(try transaction.remindOfStalledUploads(idleSeconds: 0, limit: 9) == 1)
                #expect(try !transaction.expire(Upload.ID()))
                #expect(try transaction.staleAttempts(limit: 9).isEmpty)
                let attempt = try #require(try transaction.liveAttempt(of: order.id))
                #expect(try transaction.mark(attempt.id, as: .expired))
                #expect(try transaction.forsakenOrders(idleSeconds: 0, limit: 9) == [order.id])
                #expect(try transaction.close(order.id, as: .expired))
                let events = try transaction.claimEvents(limit: 100)
                try transaction.markPublished(events.map(\.id))
                #expect(try transaction.waitingWebhookEvents(of: .stripe, idleSeconds: 0, limit: 9).isEmpty)
                #expect(try transaction.forgetIdempotencyKeys(olderThanSeconds: 0) == 0)
                #expect(try transaction.record(.test(of: attempt)) == .applied)
            }
        }
    }
}
