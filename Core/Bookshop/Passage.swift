/// A place in a book where what was looked for is said.
public struct Passage: Hashable, Sendable {
    public let audiobook: Audiobook.ID
    public let title: String
    public let chapter: Int
    public let chapterTitle: String
    public let position: Int
    /// When the phrase is said in which it begins.
    public let span: Span
    /// When the first word that was looked for is said, as near as it is known.
    public let milliseconds: Int
    public let snippet: [Fragment]

    public init(
        audiobook: Audiobook.ID, title: String, chapter: Int, chapterTitle: String, position: Int, span: Span,
        milliseconds: Int, snippet: [Fragment]
    ) {
        (self.audiobook, self.title) = (audiobook, title)
        (self.chapter, self.chapterTitle, self.position) = (chapter, chapterTitle, position)
        (self.span, self.milliseconds, self.snippet) = (span, milliseconds, snippet)
    }

    /// A piece of the text: what was looked for, or what stands between. Nothing is marked up, so that nothing in
    /// a text can be taken for a mark.
    public struct Fragment: Hashable, Sendable {
        public let text: String
        public let isMatch: Bool

        public init(text: String, isMatch: Bool) { (self.text, self.isMatch) = (text, isMatch) }
    }
}

/// What of whose books is searched.
public struct PassageSearch: Hashable, Sendable {
    public let query: PassageQuery
    public let customer: Customer.ID
    /// Only in this one.
    public let audiobook: Audiobook.ID?
    public let cursor: Cursor?
    public let size: PageSize

    public init(
        _ query: PassageQuery, of customer: Customer.ID, in audiobook: Audiobook.ID? = nil,
        after cursor: Cursor? = nil, size: PageSize = .standard
    ) {
        (self.query, self.customer, self.audiobook) = (query, customer, audiobook)
        (self.cursor, self.size) = (cursor, size)
    }
}

/// Book after book, and in each from its beginning.
public struct PassageFinding: Sendable {
    public let page: Page<Passage>
    /// What was found instead, if what was typed is said nowhere.
    public let meant: String?

    public init(page: Page<Passage>, meant: String?) { (self.page, self.meant) = (page, meant) }
}

/// Where passages are found. Whoever finds them also sees to it that they are of books the customer owns now.
public struct PassageIndex {
    public var find: (PassageSearch) throws -> PassageFinding

    public init(find: @escaping (PassageSearch) throws -> PassageFinding) { self.find = find }

    public static var unset: PassageIndex { PassageIndex { _ in throw Unset("PassageIndex.find") } }
}
