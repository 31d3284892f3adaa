enum PercentEncoding {
    /// RFC 3986's unreserved bytes stay; every other byte of the UTF-8 is `%XX`. Nothing is normalised: to
    /// the storage, é in one code point and é in two are two keys.
    static func encoded(_ text: String, keepingSlashes: Bool = false) -> String {
        guard !text.utf8.allSatisfy({ isKept($0, keepingSlashes) }) else { return text }
        return String(unsafeUninitializedCapacity: text.utf8.count * 3) { buffer in
            var count = 0
            for byte in text.utf8 {
                if isKept(byte, keepingSlashes) {
                    buffer[count] = byte
                    count += 1
                } else {
                    buffer[count] = UInt8(ascii: "%")
                    buffer[count + 1] = digit(byte >> 4)
                    buffer[count + 2] = digit(byte & 15)
                    count += 3
                }
            }
            return count
        }
    }

    /// As S3 writes keys in lists under `encoding-type=url`: a blank may come as `+`. Nothing if it is
    /// malformed.
    static func decodedForm(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(value), let low = rest.popFirst().flatMap(value)
                else { return nil }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func isKept(_ byte: UInt8, _ keepingSlashes: Bool) -> Bool {
        switch byte {
        case 65...90, 97...122, 48...57, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        case UInt8(ascii: "/"): keepingSlashes
        default: false
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 55 + value }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 65...70: digit - 55
        case 97...102: digit - 87
        default: nil
        }
    }
}
