public import FoundationEssentials

/// A text made from a transcript by a model, shown to nobody before a person approved it.
public struct Summary: Hashable, Sendable {
    public typealias ID = Identifier<Summary>

    public enum State: String, CaseIterable, Codable, Sendable {
        case wanted, writing, draft, approved, rejected, failed, superseded
    }

    /// What it sums up.
    public enum Scope: Hashable, Sendable {
        case book
        /// Counted from one.
        case chapter(Int)

        public init(chapter: Int) { self = chapter == 0 ? .book : .chapter(chapter) }
        /// The chapter, or 0 for the book.
        public var chapter: Int {
            switch self {
            case .book: 0
            case .chapter(let position): position
            }
        }
    }

    public let id: ID
    public let audiobook: Audiobook.ID
    public let transcript: Transcript.ID
    public let scope: Scope
    public let state: State
    public let text: String?
    public let model: String?
    public let promptVersion: String?
    public let approvedBy: Editor.ID?
    /// Why it was not written, or is tried again: a word for editors.
    public let failure: String?
    /// Of all attempts.
    public let cost: WritingCost
    public let createdAt: Date

    public init(
        id: ID, audiobook: Audiobook.ID, transcript: Transcript.ID, scope: Scope, state: State, text: String?,
        model: String?, promptVersion: String?, approvedBy: Editor.ID?, failure: String?, cost: WritingCost,
        createdAt: Date
    ) {
        (self.id, self.audiobook, self.transcript, self.scope) = (id, audiobook, transcript, scope)
        (self.state, self.text, self.model) = (state, text, model)
        (self.promptVersion, self.approvedBy, self.createdAt) = (promptVersion, approvedBy, createdAt)
        (self.failure, self.cost) = (failure, cost)
    }
}

/// Why a summary cannot be asked for or approved.
public enum SummaryError: Error, Equatable {
    case noSuchSummary
    /// There is no such chapter, or nothing is said in it.
    case noSuchChapter
    case notADraft(Summary.State)
    case noTranscript
}

/// A summary somebody is at work on until the lease is over.
public struct ClaimedSummary: Hashable, Sendable {
    public let id: Summary.ID
    public let transcript: Transcript.ID
    public let title: String
    public let language: LanguageTag
    public let scope: Summary.Scope
    public let attempt: Int
    public let lease: Lease

    public init(
        id: Summary.ID, transcript: Transcript.ID, title: String, language: LanguageTag,
        scope: Summary.Scope, attempt: Int, lease: Lease
    ) {
        (self.id, self.transcript, self.title, self.language) = (id, transcript, title, language)
        (self.scope, self.attempt, self.lease) = (scope, attempt, lease)
    }
}
