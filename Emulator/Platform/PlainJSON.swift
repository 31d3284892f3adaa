/// What nearly every event is: JSON (RFC 8259) in ASCII, no deeper than 64, with numbers that need no rounding and no
/// character by its number. It is known by one look at each byte, where Foundation makes an object of each value.
enum PlainJSON {
    /// - Returns: true for what is surely JSON; false for what is none, and for what takes a closer look.
    static func isWhole(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var scanner = Scanner(bytes: bytes)
            return scanner.isDocument()
        }
    }
}

private struct Scanner {
    let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0
    private var depth = 0
    /// A bit for each level that is open: whether it is an object.
    private var objects: UInt64 = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func isDocument() -> Bool {
        while true {
            guard let isOpened = value() else { return false }
            if isOpened { continue }
            while true {
                guard depth > 0 else { return next() == nil }
                let isObject = objects & 1 == 1
                if takes(",") {
                    guard !isObject || key() else { return false }
                    break
                }
                guard takes(isObject ? "}" : "]") else { return false }
                close()
            }
        }
    }

    /// Whether it opened what holds values of its own, of which the first comes next; nil for no value.
    private mutating func value() -> Bool? {
        guard let first = next() else { return nil }
        switch Unicode.Scalar(first) {
        case "{":
            guard open(isObject: true) else { return nil }
            if takes("}") { return closed() }
            return key() ? true : nil
        case "[":
            guard open(isObject: false) else { return nil }
            return takes("]") ? closed() : true
        case "\"": return string() ? false : nil
        case "t": return word("true") ? false : nil
        case "f": return word("false") ? false : nil
        case "n": return word("null") ? false : nil
        default: return number() ? false : nil
        }
    }

    private mutating func open(isObject: Bool) -> Bool {
        place += 1
        depth += 1
        objects = objects << 1 | (isObject ? 1 : 0)
        return depth <= 64
    }

    private mutating func close() {
        depth -= 1
        objects >>= 1
    }

    private mutating func closed() -> Bool {
        close()
        return false
    }

    private mutating func key() -> Bool { next() == UInt8(ascii: "\"") && string() && takes(":") }

    private mutating func string() -> Bool {
        place += 1
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if byte == UInt8(ascii: "\"") { return true }
            guard (0x20..<0x80).contains(byte) else { return false }
            guard byte == UInt8(ascii: "\\") else { continue }
            guard place < bytes.count, #""\/bfnrt"#.utf8.contains(bytes[place]) else { return false }
            place += 1
        }
        return false
    }

    /// Of at most fifteen digits before the point and behind it.
    private mutating func number() -> Bool {
        if bytes[place] == UInt8(ascii: "-") { place += 1 }
        let isZero = place < bytes.count && bytes[place] == UInt8(ascii: "0")
        let whole = digits()
        guard whole > 0, !isZero || whole == 1 else { return false }
        if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
            place += 1
            guard digits() > 0 else { return false }
        }
        // What else would belong to a number is no end of one either.
        return place == bytes.count || " \t\r\n,]}".utf8.contains(bytes[place])
    }

    private mutating func digits() -> Int {
        let start = place
        while place < bytes.count, (0x30...0x39).contains(bytes[place]) { place += 1 }
        return place - start <= 15 ? place - start : 0
    }

    private mutating func word(_ word: StaticString) -> Bool {
        guard bytes.count - place >= word.utf8CodeUnitCount else { return false }
        defer { place += word.utf8CodeUnitCount }
        return (0..<word.utf8CodeUnitCount).allSatisfy { bytes[place + $0] == word.utf8Start[$0] }
    }

    /// The next byte that is no space; it is not taken.
    private mutating func next() -> UInt8? {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return bytes[place]
            }
        }
        return nil
    }

    private mutating func takes(_ mark: Unicode.Scalar) -> Bool {
        guard next() == UInt8(ascii: mark) else { return false }
        place += 1
        return true
    }
}
