import Bookshop
import Foundation

/// What visitors type and clients send along.
let shop: [Parser] = [
    { bytes in
        let word = text(bytes)
        func again<Value: RawRepresentable<String> & Equatable>(_: Value.Type) {
            guard let value = Value(rawValue: word) else { return }
            holds(Value(rawValue: value.rawValue) == value, word)
        }
        again(Slug.self)
        again(ISBN13.self)
        again(LanguageTag.self)
        again(EmailAddress.self)
        again(Day.self)
        again(Country.self)
        again(Currency.self)
        again(IdempotencyKey.self)
        again(Cursor.self)
        _ = Slug(of: word)
        if let tag = EntityTag(headerValue: word) { holds(EntityTag(headerValue: "\(tag)") == tag, word) }
        _ = Identifier<Audiobook>(word)
        _ = Reference<Audiobook>(word)
    },
    { bytes in
        if let picture = Picture(jpeg: bytes) { holds(picture.width >= 0 && picture.height >= 0, "a size") }
    },
]
