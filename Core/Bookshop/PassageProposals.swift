/// An index of what is said, kept outside of the records. It proposes where something may be said; what is found, and
/// by whom, the records decide. So it may propose too much, and need not know who owns what.
public struct PassageProposals {
    /// Whether there is an index. One that was lost comes back empty.
    public var isThere: () throws -> Bool
    public var make: () throws -> Void
    /// Takes in phrases of a text. Those of an older revision are replaced, those of a newer one stay.
    public var write: (_ text: IndexedText, _ phrases: [IndexedPhrase]) throws -> Void
    /// Whatever was written before is found from now on, but of this text nothing older than the revision.
    public var settle: (_ transcript: Transcript.ID, _ oldest: Int) throws -> Void
    /// In the order of the places, and as many as are asked for if there are as many.
    public var propose: (PassageInquiry) throws -> [PassagePlace]

    public init(
        isThere: @escaping () throws -> Bool, make: @escaping () throws -> Void,
        write: @escaping (_ text: IndexedText, _ phrases: [IndexedPhrase]) throws -> Void,
        settle: @escaping (_ transcript: Transcript.ID, _ oldest: Int) throws -> Void,
        propose: @escaping (PassageInquiry) throws -> [PassagePlace]
    ) {
        (self.isThere, self.make, self.write) = (isThere, make, write)
        (self.settle, self.propose) = (settle, propose)
    }

    public static var unset: PassageProposals {
        PassageProposals(
            isThere: { throw Unset("PassageProposals.isThere") },
            make: { throw Unset("PassageProposals.make") },
            write: { _, _ in throw Unset("PassageProposals.write") },
            settle: { _, _ in throw Unset("PassageProposals.settle") },
            propose: { _ in throw Unset("PassageProposals.propose") })
    }
}

/// A text as the index is to have it.
public struct IndexedText: Hashable, Sendable {
    public let transcript: Transcript.ID
    public let audiobook: Audiobook.ID
    /// By which its book stands among others.
    public let sortedTitle: String
    public let language: LanguageTag
    public let revision: Int

    public init(
        transcript: Transcript.ID, audiobook: Audiobook.ID, sortedTitle: String, language: LanguageTag,
        revision: Int
    ) {
        (self.transcript, self.audiobook, self.sortedTitle) = (transcript, audiobook, sortedTitle)
        (self.language, self.revision) = (language, revision)
    }
}

/// A phrase as the index is to have it.
public struct IndexedPhrase: Hashable, Sendable {
    public let position: Int
    public let text: String
    /// The first words of what comes behind it, so that what runs over its end is found in it.
    public let following: String

    public init(position: Int, text: String, following: String) {
        (self.position, self.text, self.following) = (position, text, following)
    }
}

/// Where something may be said.
public struct PassagePlace: Hashable, Sendable {
    public let transcript: Transcript.ID
    public let mark: PassageMark

    public init(transcript: Transcript.ID, mark: PassageMark) {
        (self.transcript, self.mark) = (transcript, mark)
    }
}

/// By what places are sorted: book after book by title, and in each from its beginning.
public struct PassageMark: Hashable, Sendable {
    public let sortedTitle: String
    public let audiobook: Audiobook.ID
    public let position: Int

    public init(sortedTitle: String, audiobook: Audiobook.ID, position: Int) {
        (self.sortedTitle, self.audiobook, self.position) = (sortedTitle, audiobook, position)
    }
}

/// What is looked for, where. A phrase is known by its first words, `PassageQuery.mostWordsLookedUp` of them.
public struct PassageInquiry: Hashable, Sendable {
    public let meaning: GuessedPassage
    public let texts: SearchedTexts
    /// Only behind it.
    public let last: PassageMark?
    public let limit: Int

    public init(_ meaning: GuessedPassage, in texts: SearchedTexts, after last: PassageMark?, limit: Int) {
        (self.meaning, self.texts, self.last, self.limit) = (meaning, texts, last, limit)
    }
}

/// The texts of somebody's books, and the languages they are in.
public struct SearchedTexts: Hashable, Sendable {
    public let transcripts: [Transcript.ID]
    public let languages: Set<LanguageTag>
    /// Where the page before ended.
    public let last: PassageMark?

    public init(transcripts: [Transcript.ID], languages: Set<LanguageTag>, after last: PassageMark? = nil) {
        (self.transcripts, self.languages, self.last) = (transcripts, languages, last)
    }
}
