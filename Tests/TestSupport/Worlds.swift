public import Bookshop
import Foundation
public import Postgres
import Records

// What a test needs a shop to hold, made by the same Records that the shop itself uses.

extension Transaction {
    public func person(_ subject: String, _ roles: Role...) throws -> Principal.ID {
        let id = try principal(of: Account(issuer: "https://id.test", subject: subject)).id
        for role in roles { try grant(role, to: id) }
        return id
    }

    public func draft(_ title: String, by editor: Editor.ID) throws -> Audiobook.ID {
        try create(
            BookDescription(
                title: title, language: LanguageTag(rawValue: "en")!,
                people: [
                    Credit(name: "George Eliot", role: .author), Credit(name: "A Reader", role: .narrator),
                ]),
            by: editor)
    }

    /// A recording of its own: no two have the same bytes.
    @discardableResult
    public func record(
        _ book: Audiobook.ID, by editor: Editor.ID, durationMilliseconds: Int = 180_000,
        chapters: [ChapterMark] = []
    ) throws -> AcceptedUpload {
        let sha256 = (0..<32).map { _ in UInt8.random(in: 0...255) }
        let upload = try requestUpload(
            of: DeclaredFile(name: "book.m4b", mediaType: "audio/mp4", bytes: 1_000_000, sha256: sha256),
            for: book, by: editor, under: .random, to: "media", expiresAt: Date(timeIntervalSinceNow: 3600))
        _ = try beginVerifying(upload.id)
        let probe = AudioProbe(
            mediaType: "audio/mp4", codec: "aac", durationMilliseconds: durationMilliseconds,
            chapters: chapters)
        return try accept(upload.id, as: probe)
    }

    /// A book on sale at this price in minor units.
    public func published(
        _ title: String, price: Int = 1499, _ currency: Currency = .eur, by editor: Editor.ID
    ) throws -> Audiobook.ID {
        let book = try draft(title, by: editor)
        try record(book, by: editor)
        try setPrice(Money(minorUnits: price, currency: currency), of: book, by: editor)
        let page = try audiobook(.id(book), in: currency, seenBy: .editor)
        try publish(book, ifVersion: page?.version ?? 0)
        return book
    }

    /// An order for these books that waits to be paid.
    public func ordered(_ books: [Audiobook.ID], by customer: Customer.ID) throws -> Order {
        for book in books { try add(book, toCartOf: customer, in: .eur) }
        guard let cart = try cart(of: customer) else { throw CheckoutError.emptyCart }
        let draft = try cart.checkedOut(owning: try audiobooks(ownedBy: customer))
        return try place(
            draft, for: customer, under: .random, requestHash: .hash, waiver: nil,
            giftCode: { Array($0.description.utf8.suffix(32)) })
    }

    /// An attempt whose page is open.
    public func opened(_ order: Order) throws -> PaymentAttempt {
        let attempt = try attempt(toPay: order.id, until: Date(timeIntervalSinceNow: 3600))
        try record(.test(of: attempt), for: attempt.id)
        return attempt
    }
}

extension PaymentFact {
    /// That an attempt was paid as it should be.
    public static func test(
        of attempt: PaymentAttempt, amount: Int? = nil, currency: String? = nil, toldBy: String = "evt_1"
    ) -> PaymentFact {
        PaymentFact(
            attempt: attempt.id, session: "cs_\(attempt.id)", paymentIntent: "pi_\(attempt.id)",
            amount: amount ?? attempt.amount.minorUnits,
            currency: currency ?? attempt.amount.currency.rawValue, toldBy: toldBy,
            occurredAt: Date(timeIntervalSince1970: 1_800_000_000))
    }
}

extension CheckoutSession {
    public static func test(of attempt: PaymentAttempt) -> CheckoutSession {
        CheckoutSession(
            id: "cs_\(attempt.id)", url: "https://pay.test/cs_\(attempt.id)", status: .open, payment: .unpaid,
            amount: attempt.amount.minorUnits, currency: attempt.amount.currency.rawValue, paymentIntent: nil,
            attempt: attempt.id, expiresAt: Date(timeIntervalSinceNow: 3600), isLive: false)
    }
}

extension IdempotencyKey {
    public static var random: IdempotencyKey { IdempotencyKey(rawValue: UUID().uuidString)! }
}

extension [UInt8] {
    /// The hash of a request, where a test does not care which.
    public static var hash: [UInt8] { [UInt8](repeating: 7, count: 32) }
}
