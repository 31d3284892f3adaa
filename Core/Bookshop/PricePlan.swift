public import FoundationEssentials

/// What a book costs in one currency from now on: prices that hold until the next begins, and sales that lie
/// over them for a time. A price that a sale interrupts is one price all the same, and holds again when the
/// sale is over.
public struct PricePlan: Hashable, Sendable {
    /// A time with one price, which is how plans are kept: at any moment there is one stretch, or none.
    public struct Stretch: Hashable, Sendable {
        public let amount: Int
        public let from: Date
        public let until: Date?
        public let isSale: Bool
        /// When its price began, if a sale interrupted it since.
        public let since: Date
        public let setBy: Editor.ID?
        public let setAt: Date

        public init(
            amount: Int, from: Date, until: Date?, isSale: Bool = false, since: Date? = nil,
            setBy: Editor.ID? = nil, setAt: Date
        ) {
            (self.amount, self.from, self.until, self.isSale) = (amount, from, until, isSale)
            (self.since, self.setBy, self.setAt) = (since ?? from, setBy, setAt)
        }

        /// The same price within these times.
        fileprivate func within(_ from: Date, _ until: Date?) -> Stretch {
            Stretch(
                amount: amount, from: from, until: until, isSale: isSale, since: since, setBy: setBy,
                setAt: setAt)
        }
    }

    private let now: Date
    /// Where what is past ends: the beginning of what holds now.
    private let edge: Date
    /// From when each price holds, in order, and until when if none follows.
    private var steps: [Stretch]
    private var sales: [Stretch]

    /// Of the stretches that have not ended.
    public init(_ stretches: [Stretch], now: Date) {
        self.now = now
        edge = stretches.first { $0.from <= now }?.from ?? now
        sales = stretches.filter(\.isSale).sorted { $0.from < $1.from }
        let beginnings = Set(stretches.map(\.from))
        let regular = stretches.filter { !$0.isSale }.sorted { $0.from < $1.from }
        steps = Dictionary(grouping: regular, by: \.since).values.compactMap { pieces in
            // Where nothing follows, it truly ends; else it is a sale or the next price that ends it.
            pieces.last.map { last in
                last.within(last.since, last.until.flatMap { beginnings.contains($0) ? nil : $0 })
            }
        }.sorted { $0.from < $1.from }
    }

    /// Sets the price from a moment on, until the next that is planned. Nothing is new where it holds
    /// already.
    public mutating func set(_ amount: Int, from start: Date, by editor: Editor.ID) throws(PriceError) {
        guard start >= now else { throw .past }
        let standing = steps.last { $0.from <= start && $0.until.map { start < $0 } ?? true }
        guard standing?.amount != amount else { return }
        steps.removeAll { $0.from == start }
        steps.append(Stretch(amount: amount, from: start, until: nil, setBy: editor, setAt: now))
        steps.sort { $0.from < $1.from }
    }

    /// Lowers the price, or raises it, for a time.
    public mutating func sell(
        at amount: Int, from start: Date, until end: Date, by editor: Editor.ID
    ) throws(PriceError) {
        guard start >= now else { throw .past }
        guard start < end else { throw .endsBeforeItBegins }
        guard !sales.contains(where: { $0.from < end && $0.until.map { start < $0 } ?? true }) else {
            throw .overlaps
        }
        sales.append(
            Stretch(amount: amount, from: start, until: end, isSale: true, setBy: editor, setAt: now))
        sales.sort { $0.from < $1.from }
    }

    /// Takes back what was planned, so that what was before holds on; a sale that has begun ends now.
    public mutating func remove(_ stretch: Stretch) throws(PriceError) {
        if stretch.isSale {
            sales.removeAll { $0.from == stretch.from }
            if stretch.from < now { sales.append(stretch.within(stretch.from, now)) }
        } else {
            guard stretch.since > now else { throw .begun }
            steps.removeAll { $0.from == stretch.since }
        }
    }

    /// The plan as it is kept, in order, without what has ended or ends now. A price that would never hold is
    /// refused: a sale that covers the whole of it hides it, and were it forgotten, it would be missing when
    /// the sale is taken back.
    public func stretches() throws(PriceError) -> [Stretch] {
        var stretches = sales.filter { $0.until.map { $0 > now } ?? true }
        for (index, step) in steps.enumerated() {
            let next = index + 1 < steps.count ? steps[index + 1].from : nil
            let end = [step.until, next].compactMap(\.self).min()
            guard end.map({ $0 > now }) ?? true else { continue }
            let pieces = step.uncovered(by: sales, from: max(step.from, edge), until: end)
                .filter { $0.until.map { $0 > now } ?? true }
            guard !pieces.isEmpty else { throw .overlaps }
            stretches += pieces
        }
        return stretches.sorted { $0.from < $1.from }
    }
}

extension PricePlan.Stretch {
    /// What is left of a time when the sales are taken out of it.
    fileprivate func uncovered(by sales: [Self], from start: Date, until end: Date?) -> [Self] {
        var pieces: [Self] = []
        var from = start
        for sale in sales {
            guard let saleEnd = sale.until, saleEnd > from else { continue }
            if let end, sale.from >= end { break }
            if sale.from > from { pieces.append(within(from, sale.from)) }
            from = saleEnd
        }
        if end.map({ from < $0 }) ?? true { pieces.append(within(from, end)) }
        return pieces
    }
}

/// Why a price cannot be set, or taken back.
public enum PriceError: Error, Equatable {
    case noSuchPrice
    /// What was sold at a price was sold at it: it cannot be told anew.
    case past
    case endsBeforeItBegins
    /// At one moment there is one sale; and no sale hides a price for good.
    case overlaps
    case begun
}

/// A price of a book, and when it holds.
public struct BookPrice: Hashable, Sendable {
    public typealias ID = Identifier<BookPrice>

    public let id: ID
    public let currency: Currency
    public let stretch: PricePlan.Stretch

    public init(id: ID, currency: Currency, stretch: PricePlan.Stretch) {
        (self.id, self.currency, self.stretch) = (id, currency, stretch)
    }

    public var price: Money { Money(minorUnits: stretch.amount, currency: currency) }
}
