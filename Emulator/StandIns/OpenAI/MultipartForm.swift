import Foundation

/// `multipart/form-data` (RFC 7578), held in memory: its size is bounded before.
struct MultipartForm: Sendable {
    struct Part: Sendable {
        var name: String
        var fileName: String?
        var content: ArraySlice<UInt8>

        var text: String? { String(validating: content, as: UTF8.self) }
    }

    private(set) var parts: [Part] = []

    /// Nil where the type names no boundary or the body does not keep to it.
    init?(_ body: [UInt8], type: String) {
        guard type.lowercased().hasPrefix("multipart/form-data"),
            let boundary = Self.parameter("boundary", of: type), (1...70).contains(boundary.utf8.count)
        else { return nil }
        let delimiter = Array("\r\n--\(boundary)".utf8)
        // The first delimiter may open the body, where no line break stands before it.
        let opening = delimiter.dropFirst(2)
        var rest = body[...]
        if rest.starts(with: opening) {
            rest = rest.dropFirst(opening.count)
        } else if let first = Self.first(delimiter, in: rest) {
            rest = rest[(first + delimiter.count)...]
        } else {
            return nil
        }
        while !rest.starts(with: Array("--".utf8)) {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            guard rest.starts(with: Array("\r\n".utf8)), parts.count < 100,
                let end = Self.first(delimiter, in: rest),
                let part = Self.part(rest[(rest.startIndex + 2)..<max(end, rest.startIndex + 2)])
            else { return nil }
            parts.append(part)
            rest = rest[(end + delimiter.count)...]
        }
    }

    subscript(_ name: String) -> Part? { parts.first { $0.name == name } }

    func all(_ name: String) -> [Part] { parts.filter { $0.name == name } }

    private static func part(_ bytes: ArraySlice<UInt8>) -> Part? {
        let blank = Array("\r\n\r\n".utf8)
        guard let end = first(blank, in: bytes),
            let head = String(validating: bytes[..<end], as: UTF8.self)
        else { return nil }
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-disposition:") {
            guard let name = parameter("name", of: line) else { return nil }
            return Part(
                name: name, fileName: parameter("filename", of: line),
                content: bytes[(end + blank.count)...])
        }
        return nil
    }

    /// `name="value"` or `name=value` after a semicolon; within quotes a backslash speaks for the next
    /// character.
    private static func parameter(_ name: String, of header: some StringProtocol) -> String? {
        var rest = Substring(header)
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...].drop { $0 == " " || $0 == "\t" }
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let isWanted = rest[..<equals].lowercased() == name
            rest = rest[rest.index(after: equals)...]
            var value = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let character = rest.popFirst(), character != "\"" {
                    value.append(character == "\\" ? rest.popFirst() ?? character : character)
                }
            } else {
                value = String(rest.prefix { $0 != ";" && $0 != " " })
            }
            if isWanted { return value }
        }
        return nil
    }

    /// Where the pattern begins. Its first byte is sought by libc: without optimisation a loop of ours would
    /// take seconds for 25 MiB.
    private static func first(_ pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        let offset = bytes.withUnsafeBytes { haystack -> Int? in
            guard let base = haystack.baseAddress else { return nil }
            var start = 0
            while haystack.count - start >= pattern.count,
                let found = memchr(base + start, Int32(pattern[0]), haystack.count - start)
            {
                let index = UnsafeRawPointer(found) - base
                guard haystack.count - index >= pattern.count else { return nil }
                if memcmp(found, pattern, pattern.count) == 0 { return index }
                start = index + 1
            }
            return nil
        }
        return offset.map { bytes.startIndex + $0 }
    }
}
