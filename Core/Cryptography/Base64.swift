/// RFC 4648, section 4, with padding.
public enum Base64 {
    public static func encoded(_ bytes: [UInt8]) -> String {
        Sextets.encoded(bytes, extra: (UInt8(ascii: "+"), UInt8(ascii: "/")), isPadded: true)
    }

    /// Strict: whole padding, no blanks, no bits after the last byte (RFC 4648, section 3.5).
    public static func decoded(_ text: String) -> [UInt8]? {
        var digits = text.utf8[...]
        guard digits.count.isMultiple(of: 4) else { return nil }
        for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        return Sextets.decoded(digits, extra: (UInt8(ascii: "+"), UInt8(ascii: "/")))
    }
}

/// RFC 4648, section 5, without padding, as RFC 7515 uses it.
public enum Base64URL {
    public static func encoded(_ bytes: [UInt8]) -> String {
        Sextets.encoded(bytes, extra: (UInt8(ascii: "-"), UInt8(ascii: "_")), isPadded: false)
    }

    /// Strict: no padding, no blanks, no bits after the last byte. Each byte string has but one text.
    public static func decoded(_ text: some StringProtocol) -> [UInt8]? {
        Sextets.decoded(text.utf8, extra: (UInt8(ascii: "-"), UInt8(ascii: "_")))
    }
}

/// What both alphabets share: `A-Z a-z 0-9` and two more.
private enum Sextets {
    static func encoded(_ bytes: [UInt8], extra: (UInt8, UInt8), isPadded: Bool) -> String {
        let wholeCount = (bytes.count + 2) / 3 * 4
        let digitCount = (bytes.count * 4 + 2) / 3
        return String(unsafeUninitializedCapacity: wholeCount) { text in
            var (buffer, bitCount, written) = (UInt32(0), UInt32(0), 0)
            for byte in bytes {
                buffer = buffer << 8 | UInt32(byte)
                bitCount += 8
                while bitCount >= 6 {
                    bitCount -= 6
                    text[written] = digit(buffer >> bitCount & 63, extra)
                    written += 1
                }
            }
            if bitCount > 0 {
                text[written] = digit(buffer << (6 - bitCount) & 63, extra)
                written += 1
            }
            guard isPadded else { return digitCount }
            while written < wholeCount {
                text[written] = UInt8(ascii: "=")
                written += 1
            }
            return wholeCount
        }
    }

    static func decoded(_ digits: some Collection<UInt8>, extra: (UInt8, UInt8)) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var (buffer, bitCount) = (UInt32(0), UInt32(0))
        for digit in digits {
            guard let value = value(of: digit, extra) else { return nil }
            buffer = buffer << 6 | value
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            bytes.append(UInt8(truncatingIfNeeded: buffer >> bitCount))
        }
        // Six bits left over are a digit that makes no byte; any bit set in them is a second text for the
        // same bytes.
        guard bitCount < 6, buffer & (1 << bitCount - 1) == 0 else { return nil }
        return bytes
    }

    private static func digit(_ value: UInt32, _ extra: (UInt8, UInt8)) -> UInt8 {
        switch UInt8(value) {
        case let value where value < 26: 65 + value
        case let value where value < 52: 71 + value
        case let value where value < 62: value - 4
        case 62: extra.0
        default: extra.1
        }
    }

    private static func value(of digit: UInt8, _ extra: (UInt8, UInt8)) -> UInt32? {
        switch digit {
        case 65...90: UInt32(digit) - 65
        case 97...122: UInt32(digit) - 71
        case 48...57: UInt32(digit) + 4
        case extra.0: 62
        case extra.1: 63
        default: nil
        }
    }
}
