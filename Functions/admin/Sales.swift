import Core
import FoundationEssentials

/// Figures of one currency.
struct SalesFiguresAnswer: Encodable {
    let orders: Int
    let books: Int
    let gross: Balance
    let discounts: Balance
    let taxes: Balance
    let total: Balance
    let charged: Balance
    let refunds: Balance
    let disputes: Balance
    let net: Balance

    init(_ figures: SalesFigures) {
        func sum(_ minorUnits: Int) -> Balance {
            Balance(minorUnits: minorUnits, currency: figures.currency)
        }
        (orders, books) = (figures.orders, figures.books)
        (gross, discounts, taxes) = (sum(figures.gross), sum(figures.discounts), sum(figures.taxes))
        (total, charged, refunds) = (sum(figures.total), sum(figures.charged), sum(figures.refunds))
        (disputes, net) = (sum(figures.disputes), sum(figures.net))
    }
}

struct SalesAnswer: Encodable {
    struct Total: Encodable {
        let currency: Currency
        let figures: SalesFiguresAnswer
    }

    struct Period: Encodable {
        let from: Day
        let currency: Currency
        let figures: SalesFiguresAnswer
    }

    struct Seller: Encodable {
        let audiobookId: Audiobook.ID
        let title: String
        let copies: Int
        /// By currency; a currency's copies are in it.
        var revenue: [Balance]
    }

    let from: Day
    let until: Day
    let interval: SalesQuery.Interval
    let totals: [Total]
    let periods: [Period]
    let bestSellers: [Seller]

    init(
        _ periods: [SalesPeriod], _ sellers: [BestSeller], from: Day, until: Day,
        by interval: SalesQuery.Interval
    ) {
        (self.from, self.until, self.interval) = (from, until, interval)
        self.periods = periods.map {
            Period(from: $0.from, currency: $0.figures.currency, figures: SalesFiguresAnswer($0.figures))
        }
        var sums: [Currency: SalesFigures] = [:]
        for period in periods {
            sums[period.figures.currency, default: SalesFigures(in: period.figures.currency)] +=
                period.figures
        }
        totals = sums.values.sorted { $0.currency.rawValue < $1.currency.rawValue }
            .map { Total(currency: $0.currency, figures: SalesFiguresAnswer($0)) }
        bestSellers = sellers.reduce(into: []) { books, line in
            let known = books.last.flatMap { $0.audiobookId == line.audiobook ? books.popLast() : nil }
            books.append(
                Seller(
                    audiobookId: line.audiobook, title: line.title,
                    copies: (known?.copies ?? 0) + line.copies,
                    revenue: (known?.revenue ?? []) + [line.revenue]))
        }
    }
}

/// GET /admin/sales
func showSales(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.finance(request)
    try request.refuseUnknownQuery(allowing: ["from", "until", "interval"])
    let from = try request.query.day("from"), until = try request.query.day("until")
    let days = Int((until.start.timeIntervalSince(from.start) / 86_400).rounded())
    guard (1...400).contains(days) else {
        throw Query.refusal(of: "until", "Expected a day 1 to 400 days after the first.")
    }
    let interval = try request.query.value("interval", as: SalesQuery.Interval.self) ?? .day
    let query = SalesQuery(from: from.start, until: until.start, interval: interval)
    return try shop.database.transaction(.readOnly) { transaction in
        let answer = SalesAnswer(
            try transaction.sales(query), try transaction.bestSellers(query, limit: 20), from: from,
            until: until, by: interval)
        return try .confidential(200, answer)
    }
}

extension Query {
    fileprivate func day(_ name: String) throws(Problem) -> Day {
        guard let day = try parsed(name, expecting: "a day such as 2026-07-29", { Day(rawValue: $0) }) else {
            throw Self.refusal(of: name, "It must be given: a day such as 2026-07-29.")
        }
        return day
    }
}

extension Day {
    /// When it begins, by UTC.
    fileprivate var start: Date {
        guard let date = Date(sqlText: "\(rawValue) 00:00:00+00") else {
            preconditionFailure("a day has a beginning")
        }
        return date
    }
}
