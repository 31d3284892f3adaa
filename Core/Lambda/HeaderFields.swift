internal import Glibc

/// The fields of one head as they came. A text is made of those that are asked for, and of no others: an event
/// comes with more of them than anybody reads.
struct HeaderFields: Equatable {
    private struct Field: Equatable {
        var name: Range<Int>
        var value: Range<Int>
    }

    /// Names in lower case and values, one behind the other.
    private var bytes: [UInt8] = []
    private var fields: [Field] = []

    mutating func append(name: Slice<UnsafeRawBufferPointer>, value: Slice<UnsafeRawBufferPointer>) {
        if fields.isEmpty {
            bytes.reserveCapacity(640)
            fields.reserveCapacity(12)
        }
        let start = bytes.count
        for byte in name { bytes.append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte) }
        let middle = bytes.count
        bytes.append(contentsOf: value)
        fields.append(Field(name: start..<middle, value: middle..<bytes.count))
    }

    /// By lower-case name, which is never empty; fields that came twice are joined by a comma (RFC 9110,
    /// section 5.3).
    subscript(name: String) -> String? {
        var found: String?
        for field in fields where isCalled(name, field) {
            let value = String(decoding: bytes[field.value], as: UTF8.self)
            found = found.map { "\($0), \(value)" } ?? value
        }
        return found
    }

    private func isCalled(_ name: String, _ field: Field) -> Bool {
        var name = name
        return name.withUTF8 { wanted in
            wanted.count == field.name.count
                && bytes.withUnsafeBytes { bytes in
                    memcmp(bytes.baseAddress! + field.name.lowerBound, wanted.baseAddress!, wanted.count) == 0
                }
        }
    }
}
