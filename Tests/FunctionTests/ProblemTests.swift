import Core
import Testing

/// What clients are told and may rely on, byte for byte: a type is never renamed.
@Suite struct ProblemTests {
    private func told(_ error: any Error) -> String {
        Lambda.answer(Request("GET /api/v1/library/{id}", parameters: ["id": "7"])) { _ in throw error }.text
    }

    @Test func `not entitled`() {
        #expect(
            told(AccessError.notEntitled) == """
                {"detail":"This book is not in your library: buy it first.","instance":"/api/v1/library/7",\
                "requestId":"00000000-0000-0000-0000-000000000000","status":403,"title":"Not entitled",\
                "type":"not-entitled"}
                """)
    }

    @Test func `an invalid value, by its place`() {
        #expect(
            told(MoneyError.belowMinimum(50)) == """
                {"detail":"price/minorUnits: expected 0, or at least 50 in this currency.",\
                "errors":[{"detail":"0, or at least 50 in this currency","pointer":"/price/minorUnits"}],\
                "instance":"/api/v1/library/7","requestId":"00000000-0000-0000-0000-000000000000","status":422,\
                "title":"Invalid value","type":"invalid-value"}
                """)
    }

    @Test func `what is ours is told in nothing`() {
        struct Secret: Error { let password = "hunter2" }
        #expect(
            told(Secret()) == """
                {"detail":"Something broke here. Please try again.","instance":"/api/v1/library/7",\
                "requestId":"00000000-0000-0000-0000-000000000000","status":500,"title":"Internal","type":"internal"}
                """)
    }

    private static let types: [(any ProblemConvertible, String)] = [
        (CatalogueError.noSuchBook, "404 not-found"),
        (CatalogueError.changedMeanwhile(version: 2), "412 changed-meanwhile"),
        (CatalogueError.cannotPublish([.price]), "409 not-publishable"),
        (CatalogueError.illegalTransition(from: .archived, to: .draft), "409 illegal-transition"),
        (CatalogueError.noRecording, "409 no-recording"),
        (CatalogueError.sampleOutside, "422 invalid-value"),
        (DescriptionError.title, "422 invalid-value"), (DescriptionError.isbnTaken, "409 isbn-taken"),
        (PriceError.noSuchPrice, "404 not-found"), (PriceError.past, "422 invalid-value"),
        (PriceError.endsBeforeItBegins, "422 invalid-value"), (PriceError.overlaps, "409 price-overlaps"),
        (PriceError.begun, "409 price-begun"), (ChapterError.none, "422 invalid-value"),
        (ShelfError.slugTaken, "409 slug-taken"), (ShelfError.nameTaken, "409 name-taken"),
        (ShelfError.notATree, "409 not-a-tree"), (ShelfError.inUse, "409 category-in-use"),
        (ShelfError.noSuchEntry, "404 not-found"),
        (ShelfError.changedMeanwhile(version: 2), "412 changed-meanwhile"),
        (MoneyError.outOfRange, "422 invalid-value"),
        (DeclarationError.empty, "422 invalid-value"), (CartError.noSuchBook, "404 not-found"),
        (CartError.notOnSale, "409 not-on-sale"), (CartError.alreadyOwned, "409 already-owned"),
        (CartError.full, "409 cart-full"), (CheckoutError.emptyCart, "409 empty-cart"),
        (CheckoutError.notOnSale([]), "409 not-on-sale"),
        (CheckoutError.alreadyOwned([]), "409 already-owned"),
        (CheckoutError.belowMinimum(Money(minorUnits: 50, currency: .eur)), "409 below-minimum"),
        (CheckoutError.tooMuch, "409 too-much"), (AccessError.notEntitled, "403 not-entitled"),
        (AccessError.suspended, "403 suspended"), (AccessError.revoked, "403 revoked"),
        (MoveError.position, "422 invalid-value"), (MoveConflict.behind, "409 position-behind"),
        (MoveConflict.movedMeanwhile, "409 position-moved"),
        (UndoError.nothingToUndo, "409 nothing-to-undo"), (UndoError.movedMeanwhile, "412 changed-meanwhile"),
        (BookmarkError.note, "422 invalid-value"), (BookmarkError.noSuchBookmark, "404 not-found"),
        (BookmarkError.deleted, "410 bookmark-deleted"), (BookmarkError.tooMany, "409 too-many-bookmarks"),
        (BookmarkError.exists, "428 precondition-required"),
        (BookmarkError.changedMeanwhile, "412 changed-meanwhile"),
        (AccessError.noSuchBook, "404 not-found"), (SummaryError.noSuchSummary, "404 not-found"),
        (SummaryError.notADraft(.wanted), "409 not-a-draft"),
        (SummaryError.noTranscript, "409 no-transcript"),
        (UploadError.noSuchUpload, "404 not-found"),
        (UploadError.notVerifying(.rejected), "409 upload-ended"),
        (TranscriptError.noSuchBook, "404 not-found"), (TranscriptError.noRecording, "409 no-recording"),
        (TranscriptError.noSuchTranscript, "404 not-found"),
        (TranscriptError.planOutsideTracks, "500 internal"),
        (IdempotencyKeyReused(), "422 idempotency-key-reused"), (ForeignCursor(), "400 invalid-query"),
        (OutsideFailure("x", .refused, reason: ""), "502 outside-refused"),
        (OutsideFailure("x", .unavailable, reason: ""), "503 outside-unavailable"),
        (UploadRejected(reason: .sizeDiffers), "422 size-differs"),
        (UploadRejected(reason: .notAudio), "422 not-audio"),
    ]

    @Test func `the table of refusals says what it has always said`() {
        for (error, expected) in Self.types {
            #expect("\(error.problem.status) \(error.problem.type)" == expected)
        }
    }
}
