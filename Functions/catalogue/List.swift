import Core

/// What is on sale, filtered and counted as asked. Nobody is let see more of it than anybody.
func list(_ request: Request, in shop: Shop) throws -> Response {
    let wanted = try request.catalogueRequest(pricedIn: shop.currency)
    let finding = try shop.database.transaction(.readOnly) { transaction in
        try transaction.find(
            wanted.query, after: wanted.cursor, size: wanted.size, telling: wanted.extras,
            remembering: shop.facetMemory)
    }
    return try Response(200, CatalogueAnswer(finding))
}
