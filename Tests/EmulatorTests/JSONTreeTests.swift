import Foundation
import Groundwork
import Testing

@Suite struct JSONTreeTests {
    private static let documents = [
        #"{"version":"2.0","routeKey":"GET /api/v1/audiobooks/{id}","isBase64Encoded":false,"stage":"$default"}"#,
        #" { "Records" : [ { "s3" : { "object" : { "size" : 1048576 , "key" : "a\/b\né" } } } , [] , {} ] } "#,
        #"[0,-1,20.05,true,false,null,"",[[[{"a":{"b":[]}}]]],-0.0,1234567890123456789,5e9,1E-2]"#,
        "\t\"\\\\\"\r\n", "7", "null", "\"\u{7F}\"", "1e400",
        String(repeating: "[", count: 500) + String(repeating: "]", count: 500),
    ]

    @Test(arguments: documents)
    func `what is JSON is read`(document: String) { #expect(JSONTree(document) != nil) }

    @Test(arguments: [
        "", " ", "{", "}", "[", "[1", "[1,]", "[,1]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{a:1}"#,
        #"{"a" 1}"#, #"{"a":1"#, #"{"a":1]"#, "[1}", "01", "-", "1.", ".5", "+1", "--1", "1-", "1 2", "1e",
        "1e+", "1.e1", "-01", "1.5.2", "nul", "nulll", "tru", "truefalse", "'a'", #""a"#, #""\x""#, #""\"#,
        #""\ud800""#, "\"\n\"", "\"\u{1}\"", "\"\0\"", "[1]]", "{}{}", "[]\0", "\u{FEFF}[]",
        String(repeating: "[", count: 600) + String(repeating: "]", count: 600),
    ])
    func `what is no JSON is not`(document: String) { #expect(JSONTree(document) == nil) }

    @Test func `bytes that are no text are no JSON`() { #expect(JSONTree([0x22, 0xFF, 0x22]) == nil) }

    @Test func `numbers stay as they are written`() {
        #expect(
            JSONTree(#" {"a": [1.50, -2e+3], "\u00e9": "x\n"} "#)?["a"]
                == .array([.number("1.50"), .number("-2e+3")]))
        #expect(JSONTree(#"{"\u00e9":"x\n"}"#)?["é"]?.text == "x\n")
    }

    /// Foundation is asked about each, which has another reader.
    @Test func `what is taken for JSON is JSON, whatever befell it`() {
        var dice = StorageKeyspaceTests.Dice(state: 20_261_128)
        let marks = Array(#"{}[]",:\/ntf019.-eE+ "#.utf8)
        var taken = 0
        for document in Self.documents.prefix(3) {
            for _ in 1...4_000 {
                var bytes = Array(document.utf8)
                for _ in 0..<Int.random(in: 1...2, using: &dice) {
                    let place = Int.random(in: bytes.indices, using: &dice)
                    switch Int.random(in: 0..<3, using: &dice) {
                    case 0: bytes[place] = marks.randomElement(using: &dice) ?? 0
                    case 1: bytes.remove(at: place)
                    default: bytes.insert(marks.randomElement(using: &dice) ?? 0, at: place)
                    }
                }
                let object = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
                let isTaken = JSONTree(bytes) != nil
                if isTaken { taken += 1 }
                #expect((object != nil) == isTaken, "\(String(decoding: bytes, as: UTF8.self))")
            }
        }
        #expect(taken > 1_000)
    }
}
