import Testing

@testable import Lambda

struct AnswerReaderTests {
    /// Reads one answer from bytes that come in pieces of the given sizes, the last size for all the rest.
    private func read(_ bytes: [UInt8], pieces: [Int] = [.max]) throws(ConnectionFailure) -> RuntimeAnswer {
        var (rest, sizes) = (bytes[...], pieces)
        var reader = AnswerReader()
        return try reader.answer { buffer in
            let count = min(sizes.count > 1 ? sizes.removeFirst() : sizes[0], rest.count, buffer.count)
            buffer.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            return count
        }
    }

    private func read(_ text: String, pieces: [Int] = [.max]) throws(ConnectionFailure) -> RuntimeAnswer {
        try read([UInt8](text.utf8), pieces: pieces)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nX-A:  b c\t\r\nCONTENT-LENGTH: 11\r\n\r\nhello world",
        "HTTP/1.1 200 OK\r\nX-A: b c\r\nTransfer-Encoding: Chunked\r\n\r\n"
            + "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: x\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\nX-A: b c\r\nContent-Length: 11\r\n\r\nhello world",
        "HTTP/1.1 200 OK\nX-A: b c\nContent-Length: 011\n\nhello world",
        "HTTP/1.1 200 OK\r\nX-A: b c\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "B\r\nhello world\r\n00\r\n\r\n",
    ])
    func `an answer is the same wherever it is cut`(text: String) throws {
        for cut in 1..<text.utf8.count {
            let answer = try read(text, pieces: [cut, .max])
            #expect(answer.status == 200)
            #expect(answer.headers["x-a"] == "b c")
            #expect(String(decoding: answer.body, as: UTF8.self) == "hello world")
            #expect(answer.keepsOpen)
        }
        #expect(try read(text, pieces: [1]) == read(text))
    }

    @Test func `what is behind an answer belongs to the next one`() throws {
        var rest = [UInt8](
            "HTTP/1.1 202 A\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 B\r\nContent-Length: 1\r\n\r\nb".utf8)[
                ...]
        var reader = AnswerReader()
        let source: AnswerReader.Source = { buffer in
            let count = min(rest.count, buffer.count)
            buffer.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            return count
        }
        #expect(try reader.answer(from: source).status == 202)
        #expect(try reader.answer(from: source).body == [UInt8]("b".utf8))
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\nto the end", "to the end", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "x", false),
        ("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", "x", true),
        ("HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\nx", "x", false),
        ("HTTP/1.1 204 No Content\r\n\r\n", "", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true),
    ])
    func `a connection is kept where the answer allows it`(text: String, body: String, keepsOpen: Bool) throws
    {
        let answer = try read(text)
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
        #expect(answer.keepsOpen == keepsOpen)
    }

    @Test func `a field that came twice is joined`() throws {
        #expect(try read("HTTP/1.1 204 X\r\nA: 1\r\na: 2\r\n\r\n").headers["a"] == "1, 2")
    }

    @Test(arguments: [
        "", "H", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
    ])
    func `an answer that breaks off is no answer`(text: String) {
        #expect(throws: ConnectionFailure.closed) { try read(text) }
    }

    @Test(arguments: [
        "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 +20 OK\r\n\r\n",
        "HTTP/1.1 099 X\r\n\r\n",
        "\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n", "HTTP/1.1 200 OK\r\nA B: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: x\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\nA: x\0y\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: x\ry\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n",
    ])
    func `what is no HTTP is refused`(text: String) throws {
        let failure = #expect(throws: ConnectionFailure.self) { try read(text) }
        if case .malformed = failure { return }
        Issue.record("\(String(describing: failure))")
    }

    @Test(arguments: [
        "Content-Length: 8388609\r\n\r\n", "Content-Length: 9223372036854775807\r\n\r\n",
        "Content-Length: 99999999999999999999999999\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n800001\r\n",
        "Transfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n",
        "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n",
    ])
    func `a size beyond all limits is refused, with what stood before it`(rest: String) throws {
        let failure = #expect(throws: ConnectionFailure.self) {
            try read("HTTP/1.1 200 OK\r\nA: 1\r\n\(rest)")
        }
        guard case .tooLarge(let answer) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(answer.headers["a"] == "1")
        #expect(answer.body.isEmpty)
    }

    @Test(arguments: [8_388_608, 6_291_456]) func `the largest body is read whole, in chunks too`(size: Int)
        throws
    {
        let body = [UInt8](repeating: 7, count: size)
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"
        #expect(try read([UInt8](head.utf8) + body).body == body)
        let opening = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(String(size, radix: 16))\r\n"
        #expect(try read([UInt8](opening.utf8) + body + "\r\n0\r\n\r\n".utf8, pieces: [1000]).body == body)
    }

    @Test(arguments: ["A", "A: x", "A: x\r\n"]) func `a head without end is refused`(line: String) {
        let text = "HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 70_000)
        let failure = #expect(throws: ConnectionFailure.self) { try read(text, pieces: [4096]) }
        #expect(failure == .malformed("a head that is too long"))
    }
}
