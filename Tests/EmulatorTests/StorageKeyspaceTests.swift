import Testing

@testable import Storage

@Suite struct StorageKeyspaceTests {
    /// The same seed makes the same numbers.
    struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) << 32 | state >> 32
        }
    }

    static func keys(_ dice: inout Dice) -> [[UInt8]] {
        (0..<Int.random(in: 0...60, using: &dice)).map { _ in
            (0..<Int.random(in: 1...6, using: &dice)).map { _ in
                Array("abé/~".utf8).randomElement(using: &dice)!
            }
        }
    }

    /// What a listing is, said plainly: sorted, rolled up at the first delimiter behind the prefix.
    static func expected(_ keys: [[UInt8]], _ prefix: [UInt8], _ delimiter: [UInt8]) -> [Keyspace.Entry] {
        var entries: [Keyspace.Entry] = []
        for key in Set(keys).sorted(by: { $0.lexicographicallyPrecedes($1) }) where key.starts(with: prefix) {
            let starts = (prefix.count..<max(prefix.count, key.count)).first {
                key[$0...].starts(with: delimiter)
            }
            if !delimiter.isEmpty, let start = starts {
                let entry = Keyspace.Entry.commonPrefix(ObjectKey(key[..<(start + delimiter.count)]))
                if entries.last != entry { entries.append(entry) }
            } else {
                entries.append(.key(ObjectKey(key)))
            }
        }
        return entries
    }

    @Test(arguments: UInt64(1)...200)
    func `pages of any size, one after the other, are the whole listing`(seed: UInt64) {
        var dice = Dice(state: seed)
        let keys = Self.keys(&dice)
        var keyspace = Keyspace()
        for key in keys { keyspace.insert(ObjectKey(key)) }
        for prefix in ["", "a", "a/", "é"].map({ Array($0.utf8) }) {
            for delimiter in ["", "/", "b/"].map({ Array($0.utf8) }) {
                let expected = Self.expected(keys, prefix, delimiter)
                for limit in [1, 2, 7, 1000] {
                    var (listed, after): ([Keyspace.Entry], [UInt8]?) = ([], nil)
                    while true {
                        let page = keyspace.page(
                            prefix: prefix, delimiter: delimiter, after: after, limit: limit)
                        listed += page.entries
                        after = page.entries.last?.last.bytes
                        guard page.isTruncated else { break }
                        #expect(page.entries.count == limit)
                    }
                    #expect(listed == expected)
                }
            }
        }
    }

    @Test func `a key is removed once and no other with it`() {
        var keyspace = Keyspace(["b", "a", "é", "e\u{301}"].map { ObjectKey($0.utf8) })
        keyspace.remove(ObjectKey("é".utf8))
        keyspace.remove(ObjectKey("é".utf8))
        #expect(keyspace.keys.map(\.bytes) == ["a", "b", "e\u{301}"].map { Array($0.utf8) })
    }
}
