/// How a request names something that has an address: by its id or by its slug.
public enum Reference<Entity>: Hashable, Sendable {
    case id(Identifier<Entity>)
    case slug(Slug)

    public init?(_ text: String) {
        if let id = Identifier<Entity>(text) {
            self = .id(id)
        } else if let slug = Slug(rawValue: text) {
            self = .slug(slug)
        } else {
            return nil
        }
    }
}
