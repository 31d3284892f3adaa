/// What is to be written, and out of what.
public struct WritingTask: Hashable, Sendable {
    public let instructions: String
    public let text: String
    public let maximumTokens: Int

    public init(instructions: String, text: String, maximumTokens: Int) {
        (self.instructions, self.text, self.maximumTokens) = (instructions, text, maximumTokens)
    }
}

/// What writing took: calls that were answered, the tokens of them as far as the service tells, and their price.
public struct WritingCost: Hashable, Sendable {
    public var calls: Int
    public var tokensRead: Int
    public var tokensWritten: Int
    public var nanodollars: Int

    public init(calls: Int, tokensRead: Int, tokensWritten: Int, nanodollars: Int) {
        (self.calls, self.nanodollars) = (calls, nanodollars)
        (self.tokensRead, self.tokensWritten) = (tokensRead, tokensWritten)
    }

    public static let nothing = WritingCost(calls: 0, tokensRead: 0, tokensWritten: 0, nanodollars: 0)

    public var microdollars: Int { Dollars.microdollars(nanodollars) }

    public static func += (sum: inout WritingCost, more: WritingCost) {
        sum.calls += more.calls
        sum.tokensRead += more.tokensRead
        sum.tokensWritten += more.tokensWritten
        sum.nanodollars += more.nanodollars
    }
}

/// What a model asks for a token, as price lists have it: dollars for a million that it reads, and that it writes.
/// `0.15/0.60`.
public struct WritingPrice: RawRepresentable, Hashable, Sendable {
    public let nanodollarsPerTokenRead: Int
    public let nanodollarsPerTokenWritten: Int

    /// That of gpt-4o-mini.
    public static let standard = WritingPrice(read: 150, written: 600)

    private init(read: Int, written: Int) {
        (nanodollarsPerTokenRead, nanodollarsPerTokenWritten) = (read, written)
    }

    public init?(rawValue: String) {
        // A dollar for a million is a thousand nanodollars for one: three decimals are whole.
        let parts = rawValue.split(separator: "/", omittingEmptySubsequences: false).map {
            Dollars.nanodollars($0, decimals: 3)
        }
        guard parts.count == 2, let read = parts[0], let written = parts[1] else { return nil }
        self.init(read: read / 1_000_000, written: written / 1_000_000)
    }

    public var rawValue: String {
        [nanodollarsPerTokenRead, nanodollarsPerTokenWritten].map { price in
            let decimals = String(price % 1000)
            return "\(price / 1000)." + String(repeating: "0", count: 3 - decimals.utf8.count) + decimals
        }.joined(separator: "/")
    }

    public func cost(tokensRead: Int, tokensWritten: Int) -> WritingCost {
        WritingCost(
            calls: 1, tokensRead: tokensRead, tokensWritten: tokensWritten,
            nanodollars: tokensRead * nanodollarsPerTokenRead + tokensWritten * nanodollarsPerTokenWritten)
    }
}

/// What was written, by which model, and what that cost.
public struct Writing: Hashable, Sendable {
    public let model: String
    public let text: String
    public let cost: WritingCost

    public init(model: String, text: String, cost: WritingCost = .nothing) {
        (self.model, self.text, self.cost) = (model, text, cost)
    }
}

/// What the shop needs of a language model. Failures are `OutsideFailure`.
public struct Writer {
    public var write: (_ task: WritingTask) throws -> Writing

    public init(write: @escaping (_ task: WritingTask) throws -> Writing) { self.write = write }

    public static var unset: Writer { Writer { _ in throw Unset("Writer.write") } }
}
