public import FoundationEssentials

/// For whom a book is bought, and how it is given.
public struct GiftWish: Hashable, Codable, Sendable {
    public let recipientEmail: EmailAddress
    public let recipientName: String?
    public let senderName: String?
    public let message: String?
    /// Not before this day; at once where there is none.
    public let deliverOn: Day?

    public static let maximumName = 100
    public static let maximumMessage = 500
    public static let maximumDaysAhead = 366

    /// For what was checked before, such as what the database holds.
    public init(
        recipientEmail: EmailAddress, recipientName: String? = nil, senderName: String? = nil,
        message: String? = nil, deliverOn: Day? = nil
    ) {
        self.recipientEmail = recipientEmail
        (self.recipientName, self.senderName) = (recipientName, senderName)
        (self.message, self.deliverOn) = (message, deliverOn)
    }

    /// For what somebody typed. Names end in the heads of mails, so nothing breaks a line in them.
    public init(
        recipientEmail: String, recipientName: String?, senderName: String?, message: String?,
        deliverOn: Day?,
        now: Date
    ) throws(GiftWishError) {
        guard let address = EmailAddress(rawValue: recipientEmail) else { throw .recipientEmail }
        for (name, error) in [(recipientName, GiftWishError.recipientName), (senderName, .senderName)] {
            guard let name else { continue }
            guard (1...Self.maximumName).contains(name.unicodeScalars.count),
                !name.allSatisfy(\.isWhitespace),
                !name.unicodeScalars.contains(where: { Self.isControl($0, allowingLines: false) })
            else { throw error }
        }
        if let message {
            guard (1...Self.maximumMessage).contains(message.unicodeScalars.count),
                !message.unicodeScalars.contains(where: { Self.isControl($0, allowingLines: true) })
            else { throw .message }
        }
        if let deliverOn {
            let last = Day(of: now.addingTimeInterval(Double(Self.maximumDaysAhead) * 86_400))
            guard deliverOn >= Day(of: now), deliverOn <= last else { throw .deliverOn }
        }
        self.init(
            recipientEmail: address, recipientName: recipientName, senderName: senderName, message: message,
            deliverOn: deliverOn)
    }

    private static func isControl(_ scalar: Unicode.Scalar, allowingLines: Bool) -> Bool {
        switch scalar.properties.generalCategory {
        case .control: !(allowingLines && (scalar == "\n" || scalar == "\t"))
        case .lineSeparator, .paragraphSeparator: !allowingLines
        default: false
        }
    }
}

/// Which part of a wish is not one.
public enum GiftWishError: Error, Equatable {
    case recipientEmail, recipientName, senderName, message, deliverOn
}

/// A book somebody paid for, for somebody else.
public struct Gift: Hashable, Sendable {
    public typealias ID = Identifier<Gift>

    public enum State: String, CaseIterable, Codable, Sendable {
        /// Not paid yet: nobody is given anything.
        case ordered
        /// To be opened by its code, from its day on.
        case waiting
        case redeemed
        /// For the time of a dispute.
        case suspended
        case cancelled
    }

    public let id: ID
    public let order: Order.ID
    public let audiobook: Audiobook.ID
    public let slug: Slug
    public let title: String
    /// Without an address once either side has been erased.
    public let recipientEmail: String?
    public let recipientName: String?
    public let senderName: String?
    public let message: String?
    public let deliverOn: Day?
    public let state: State
    public let givenAt: Date
    public let redeemedAt: Date?
    /// By which a code is known to be this gift's.
    public let codeHash: [UInt8]

    public init(
        id: ID, order: Order.ID, audiobook: Audiobook.ID, slug: Slug, title: String, recipientEmail: String?,
        recipientName: String?, senderName: String?, message: String?, deliverOn: Day?, state: State,
        givenAt: Date, redeemedAt: Date?, codeHash: [UInt8]
    ) {
        (self.id, self.order, self.audiobook) = (id, order, audiobook)
        (self.slug, self.title) = (slug, title)
        (self.recipientEmail, self.recipientName) = (recipientEmail, recipientName)
        (self.senderName, self.message, self.deliverOn) = (senderName, message, deliverOn)
        (self.state, self.givenAt, self.redeemedAt) = (state, givenAt, redeemedAt)
        self.codeHash = codeHash
    }
}

/// What opens a gift: sixteen letters and digits of Crockford's base 32, which has none that look alike.
public struct GiftCode: RawRepresentable, Hashable, Sendable {
    /// Without hyphens, in capitals.
    public let rawValue: String

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// As somebody types it: in any case, with hyphens and blanks, an O for a zero and an I or L for a one.
    public init?(rawValue: String) {
        var code: [UInt8] = []
        for byte in rawValue.uppercased().utf8 where byte != UInt8(ascii: "-") && byte != UInt8(ascii: " ") {
            let read =
                switch byte {
                case UInt8(ascii: "O"): UInt8(ascii: "0")
                case UInt8(ascii: "I"), UInt8(ascii: "L"): UInt8(ascii: "1")
                default: byte
                }
            guard Self.alphabet.contains(read), code.count < 16 else { return nil }
            code.append(read)
        }
        guard code.count == 16 else { return nil }
        self.rawValue = String(decoding: code, as: UTF8.self)
    }

    /// Of ten bytes that nobody can guess.
    public init(of bytes: [UInt8]) {
        precondition(bytes.count >= 10, "a code has eighty bits")
        var code: [UInt8] = []
        var (buffer, bits) = (0, 0)
        for byte in bytes.prefix(10) {
            (buffer, bits) = (buffer << 8 | Int(byte), bits + 8)
            while bits >= 5 {
                bits -= 5
                code.append(Self.alphabet[buffer >> bits & 31])
            }
            buffer &= 1 << bits - 1
        }
        rawValue = String(decoding: code, as: UTF8.self)
    }

    /// In groups of four, for people.
    public var grouped: String {
        let digits = Array(rawValue)
        return stride(from: 0, to: digits.count, by: 4).map { String(digits[$0..<$0 + 4]) }
            .joined(separator: "-")
    }
}

/// Why a code opens nothing, for this person at this time.
public enum GiftError: Error, Equatable {
    case unknown
    case notYet(Day)
    /// They have the book: the code stays good for somebody else.
    case alreadyOwned
    case redeemedByAnother
    case suspended
    case cancelled
}
