/// The keys of a bucket in S3's order, which is that of their bytes.
struct Keyspace: Sendable {
    private(set) var keys: [ObjectKey] = []

    init(_ keys: some Sequence<ObjectKey> = []) { self.keys = keys.sorted() }

    mutating func insert(_ key: ObjectKey) {
        let place = firstIndex { $0 >= key }
        if place == keys.count || keys[place] != key { keys.insert(key, at: place) }
    }

    mutating func remove(_ key: ObjectKey) {
        let place = firstIndex { $0 >= key }
        if place < keys.count, keys[place] == key { keys.remove(at: place) }
    }

    enum Entry: Hashable, Sendable {
        case key(ObjectKey)
        /// All keys that begin so, told as one.
        case commonPrefix(ObjectKey)

        var last: ObjectKey {
            switch self {
            case .key(let key), .commonPrefix(let key): key
            }
        }
    }

    struct Page: Hashable, Sendable {
        var entries: [Entry] = []
        var isTruncated = false
    }

    /// At most `limit` entries behind `after`. A common prefix equal to `after` was told on the page before.
    func page(prefix: [UInt8], delimiter: [UInt8], after: [UInt8]?, limit: Int) -> Page {
        var page = Page()
        var place = firstIndex { $0.bytes.lexicographicallyPrecedes(prefix) == false }
        if let after {
            let start = ObjectKey(after)
            place = max(place, firstIndex { $0 > start })
            if !delimiter.isEmpty, after.starts(with: prefix),
                after.reversed().starts(with: delimiter.reversed()),
                Self.commonPrefix(of: after, under: prefix, delimiter) == after
            {
                place = end(of: after, from: place)
            }
        }
        while place < keys.count, keys[place].bytes.starts(with: prefix) {
            if page.entries.count == limit {
                page.isTruncated = limit > 0
                return page
            }
            if let common = Self.commonPrefix(of: keys[place].bytes, under: prefix, delimiter) {
                page.entries.append(.commonPrefix(ObjectKey(common)))
                place = end(of: common, from: place)
            } else {
                page.entries.append(.key(keys[place]))
                place += 1
            }
        }
        return page
    }

    /// The first key behind all that begin with `prefix`.
    private func end(of prefix: [UInt8], from place: Int) -> Int {
        max(
            place,
            firstIndex { !$0.bytes.starts(with: prefix) && !$0.bytes.lexicographicallyPrecedes(prefix) })
    }

    private static func commonPrefix(of key: [UInt8], under prefix: [UInt8], _ delimiter: [UInt8]) -> [UInt8]?
    {
        guard !delimiter.isEmpty, key.count >= prefix.count + delimiter.count else { return nil }
        for start in prefix.count...(key.count - delimiter.count)
        where key[start...].starts(with: delimiter) {
            return Array(key[..<(start + delimiter.count)])
        }
        return nil
    }

    /// The first index whose key satisfies what all later keys satisfy too.
    private func firstIndex(where isBehind: (ObjectKey) -> Bool) -> Int {
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(keys[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
