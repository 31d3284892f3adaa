// What is on sale, and the editors' work on it: audiobooks with their chapters, prices, covers and samples;
// the people, series and categories they belong to.
//
// Creating again under one Idempotency-Key answers the same thing. A change names the version it was made on
// (If-Match), so that sending it again changes nothing twice.

import Core

func catalogue(_ request: Request, in shop: Shop) throws -> Response {
    switch request.route {
    case "GET /api/v1/audiobooks": try list(request, in: shop)
    case "POST /api/v1/audiobooks": try createBook(request, in: shop)
    case "GET /api/v1/audiobooks/{id}": try showBook(request, in: shop)
    case "PUT /api/v1/audiobooks/{id}": try replaceBook(request, in: shop)
    case "PATCH /api/v1/audiobooks/{id}": try changeBook(request, in: shop)
    case "DELETE /api/v1/audiobooks/{id}": try eraseBook(request, in: shop)
    case "GET /api/v1/audiobooks/{id}/chapters": try showChapters(request, in: shop)
    case "PUT /api/v1/audiobooks/{id}/chapters": try correctChapters(request, in: shop)
    case "GET /api/v1/audiobooks/{id}/prices": try listPrices(request, in: shop)
    case "POST /api/v1/audiobooks/{id}/prices": try setPrice(request, in: shop)
    case "DELETE /api/v1/audiobooks/{id}/prices/{priceId}": try removePrice(request, in: shop)
    case "GET /api/v1/audiobooks/{id}/cover": try cover(request, in: shop)
    case "GET /api/v1/audiobooks/{id}/sample": try sample(request, in: shop)
    case "GET /api/v1/categories": try listCategories(request, in: shop)
    case "POST /api/v1/categories": try createCategory(request, in: shop)
    case "GET /api/v1/categories/{id}": try showCategory(request, in: shop)
    case "PUT /api/v1/categories/{id}": try replaceCategory(request, in: shop)
    case "DELETE /api/v1/categories/{id}": try deleteCategory(request, in: shop)
    case "GET /api/v1/contributors": try listContributors(request, in: shop)
    case "POST /api/v1/contributors": try createContributor(request, in: shop)
    case "GET /api/v1/contributors/{id}": try showContributor(request, in: shop)
    case "PUT /api/v1/contributors/{id}": try replaceContributor(request, in: shop)
    case "GET /api/v1/series": try listSeries(request, in: shop)
    case "POST /api/v1/series": try createSeries(request, in: shop)
    case "GET /api/v1/series/{id}": try showSeries(request, in: shop)
    case "PUT /api/v1/series/{id}": try replaceSeries(request, in: shop)
    default: throw Problem.notFound
    }
}

Lambda.serve({ try Shop.live() }, http: catalogue)
