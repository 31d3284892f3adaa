import Core

struct DescribedCategory: Decodable {
    let name: String
    let slug: Slug?
    let parentId: Core.Category.ID?
    let position: Int?

    func checked() throws(ShelfError) -> CategoryDescription {
        try CategoryDescription(name: name, slug: slug, parent: parentId, position: position ?? 0)
    }
}

struct CategoryAnswer: Encodable {
    let id: Core.Category.ID
    let slug: Slug
    let name: String
    let parentId: Core.Category.ID?
    let position: Int
    let version: Int

    init(_ category: Core.Category) {
        (id, slug, name) = (category.id, category.slug, category.name)
        (parentId, position, version) = (category.parent, category.position, category.version)
    }
}

func listCategories(_ request: Request, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery(allowing: ["cursor", "limit"])
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) { try $0.categories(after: cursor, size: size) }
    return try Response(200, ListAnswer(page, CategoryAnswer.init))
}

func showCategory(_ request: Request, in shop: Shop) throws -> Response {
    let reference: Reference<Core.Category> = try request.reference()
    try request.refuseUnknownQuery()
    return try shop.database.transaction(.readOnly) { try $0.categoryPage(reference, 200) }
}

func createCategory(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    try request.refuseUnknownQuery()
    let description = try request.decoded(as: DescribedCategory.self).checked()
    return try shop.database.transaction(.readCommitted) { transaction in
        try transaction.once(request, of: editor.id) {
            try transaction.categoryPage(.id(transaction.create(description, by: editor.id)), 201)
        }
    }
}

func replaceCategory(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let id: Core.Category.ID = try request.id()
    try request.refuseUnknownQuery()
    let version = try request.expectedVersion.version
    let description = try request.decoded(as: DescribedCategory.self).checked()
    return try shop.database.transaction(.readCommitted) { transaction in
        try transaction.describe(id, as: description, by: editor.id, ifVersion: version)
        return try transaction.categoryPage(.id(id), 200)
    }
}

func deleteCategory(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let id: Core.Category.ID = try request.id()
    try request.refuseUnknownQuery()
    try shop.database.transaction(.readCommitted) { try $0.delete(id, by: editor.id) }
    return .noContent
}

extension Transaction {
    fileprivate func categoryPage(_ reference: Reference<Core.Category>, _ status: Int) throws -> Response {
        guard let category = try category(reference) else { throw ShelfError.noSuchEntry }
        return try versioned(
            CategoryAnswer(category), category.version, status, at: "/api/v1/categories/\(category.id)")
    }
}
