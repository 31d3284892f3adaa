internal import Glibc

/// Reads HTTP/1.1 answers (RFC 9112) out of a stream that may break anywhere.
///
/// Its peer is the platform on the loopback device, so a size beyond the limits means a mistake and not an
/// attack; still none of them may trap.
struct AnswerReader {
    /// Fills a buffer as `read(2)` does: the count of bytes, or zero or less when there will be no more.
    typealias Source = (UnsafeMutableRawBufferPointer) -> Int

    /// The status line and all headers together, in bytes.
    static let longestHead = 65_536
    /// An event has 6 MiB at most, and an answer of the platform much less; the rest is slack.
    static let largestBody = 8 * 1_048_576

    private var buffer = [UInt8](repeating: 0, count: longestHead)
    /// What is read but not yet used.
    private var start = 0
    private var end = 0

    mutating func answer(from source: Source) throws(ConnectionFailure) -> RuntimeAnswer {
        var answer = try head(from: source)
        while (100..<200).contains(answer.status) { answer = try head(from: source) }
        if answer.status == 204 || answer.status == 304 { return answer }
        if let coding = answer.headers["transfer-encoding"] {
            guard coding.lowercased() == "chunked" else { throw .malformed("an unknown transfer coding") }
            try readChunks(into: &answer, from: source)
        } else if let length = answer.headers["content-length"] {
            guard let count = unsignedDecimal(length.utf8) else {
                throw .malformed("a length that is no number")
            }
            try read(count, into: &answer, from: source)
        } else {
            try readToEnd(into: &answer, from: source)
        }
        return answer
    }

    private mutating func head(from source: Source) throws(ConnectionFailure) -> RuntimeAnswer {
        var budget = Self.longestHead
        let first = try line(from: source, within: &budget)
        var (answer, isPersistent) = try status(first)
        while case let line = try line(from: source, within: &budget), !line.isEmpty {
            try add(line, to: &answer.headers)
        }
        switch answer.headers["connection"]?.lowercased() {
        case "close": answer.keepsOpen = false
        case "keep-alive": answer.keepsOpen = true
        default: answer.keepsOpen = isPersistent
        }
        return answer
    }

    /// `HTTP/1.1 200 OK`; the phrase may be missing. A connection of HTTP/1.0 ends with its answer.
    private func status(_ line: Range<Int>) throws(ConnectionFailure) -> (RuntimeAnswer, isPersistent: Bool) {
        let bytes = buffer[line]
        let code = bytes.dropFirst(9).prefix(3), rest = bytes.dropFirst(12)
        guard bytes.starts(with: "HTTP/1.".utf8), bytes.count >= 12, bytes[line.lowerBound + 8] == 0x20,
            rest.isEmpty || rest.first == 0x20, let status = unsignedDecimal(code), status >= 100
        else { throw .malformed("a status line that is none") }
        return (RuntimeAnswer(status: status), bytes[line.lowerBound + 7] == UInt8(ascii: "1"))
    }

    private func add(_ line: Range<Int>, to headers: inout HeaderFields) throws(ConnectionFailure) {
        let isField = buffer.withUnsafeBytes { bytes in
            let bytes = UnsafeRawBufferPointer(rebasing: bytes[line])
            let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
            guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0,
                bytes[..<colon].allSatisfy({ (0x21...0x7E).contains($0) }),
                bytes[colon...].allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
            else { return false }
            var value = bytes[(colon + 1)...].drop(while: isBlank)
            while let last = value.last, isBlank(last) { value.removeLast() }
            headers.append(name: bytes[..<colon], value: value)
            return true
        }
        guard isField else { throw .malformed("a header that is none") }
    }

    private mutating func readChunks(
        into answer: inout RuntimeAnswer, from source: Source
    ) throws(ConnectionFailure) {
        var budget = Self.longestHead
        while true {
            var line = try line(from: source, within: &budget)
            let size = buffer[line].prefix { hexadecimalValue($0) != nil }
            guard !size.isEmpty else { throw .malformed("a chunk without a size") }
            guard size.count <= 7, let count = Int(String(decoding: size, as: UTF8.self), radix: 16) else {
                throw .tooLarge(answer)
            }
            guard count > 0 else { break }
            try read(count, into: &answer, from: source)
            line = try self.line(from: source, within: &budget)
            guard line.isEmpty else { throw .malformed("a chunk longer than its size") }
            // Only what is not body counts against the budget, and a line of a size is short.
            budget = Self.longestHead
        }
        while try !line(from: source, within: &budget).isEmpty {}
    }

    private mutating func read(
        _ count: Int, into answer: inout RuntimeAnswer, from source: Source
    ) throws(ConnectionFailure) {
        guard count <= Self.largestBody - answer.body.count else {
            answer.body = []
            throw .tooLarge(answer)
        }
        answer.body.reserveCapacity(answer.body.count + count)
        var missing = count
        while missing > 0 {
            if start == end { try fill(from: source) }
            let taken = min(missing, end - start)
            answer.body.append(contentsOf: buffer[start..<start + taken])
            start += taken
            missing -= taken
        }
    }

    /// A body of no declared length ends with the connection.
    private mutating func readToEnd(
        into answer: inout RuntimeAnswer, from source: Source
    ) throws(ConnectionFailure) {
        answer.keepsOpen = false
        while true {
            try read(end - start, into: &answer, from: source)
            do { try fill(from: source) } catch .closed { return }
        }
    }

    /// The place of the next line in the buffer, without its end; good until the next read.
    private mutating func line(
        from source: Source, within budget: inout Int
    ) throws(ConnectionFailure) -> Range<Int> {
        var searched = 0
        while true {
            if let newline = newline(in: (start + searched)..<end) {
                let hasReturn = newline > start && buffer[newline - 1] == UInt8(ascii: "\r")
                let line = start..<(hasReturn ? newline - 1 : newline)
                budget -= newline + 1 - start
                guard budget >= 0 else { throw .malformed("a head that is too long") }
                start = newline + 1
                return line
            }
            searched = end - start
            guard searched < budget else { throw .malformed("a head that is too long") }
            try fill(from: source)
        }
    }

    private func newline(in range: Range<Int>) -> Int? {
        buffer.withUnsafeBytes { bytes in
            guard let found = memchr(bytes.baseAddress! + range.lowerBound, 0x0A, range.count) else {
                return nil
            }
            return UnsafeRawPointer(found) - bytes.baseAddress!
        }
    }

    /// Reads some more behind what is unread, which moves to the front where it must.
    private mutating func fill(from source: Source) throws(ConnectionFailure) {
        if start == end { (start, end) = (0, 0) }
        if end == buffer.count {
            guard start > 0 else { throw .malformed("a head that is too long") }
            buffer.replaceSubrange(0..<(end - start), with: buffer[start..<end])
            (start, end) = (0, end - start)
        }
        let count = buffer.withUnsafeMutableBytes { bytes in source(.init(rebasing: bytes[end...])) }
        guard count > 0 else { throw .closed }
        end += count
    }
}
