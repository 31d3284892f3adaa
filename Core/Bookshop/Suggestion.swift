public import FoundationEssentials

/// What somebody who is still typing may mean.
public struct Suggestion: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Codable, Sendable { case title, person, series }

    public let kind: Kind
    public let id: UUID
    public let slug: Slug
    public let text: String

    public init(kind: Kind, id: UUID, slug: Slug, text: String) {
        (self.kind, self.id, self.slug, self.text) = (kind, id, slug, text)
    }

    public static let most = 10
}
