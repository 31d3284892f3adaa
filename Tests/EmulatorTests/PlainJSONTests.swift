import Foundation
import Testing

@testable import Platform

@Suite struct PlainJSONTests {
    private static let documents = [
        #"{"version":"2.0","routeKey":"GET /api/v1/audiobooks/{id}","isBase64Encoded":false,"stage":"$default"}"#,
        #" { "Records" : [ { "s3" : { "object" : { "size" : 1048576 , "key" : "a\/b\n" } } } , [] , {} ] } "#,
        #"[0,-1,20.05,true,false,null,"",[[[{"a":{"b":[]}}]]],-0.0,123456789012345]"#, "\t\"\\\\\"\r\n", "7",
        "null",
    ]

    @Test(arguments: documents)
    func `events as they come are known at a glance`(document: String) {
        #expect(PlainJSON.isWhole(Array(document.utf8)))
    }

    @Test(arguments: [
        "", " ", "{", "}", "[", "[1", "[1,]", "[,1]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{a:1}"#,
        #"{"a":1"#,
        #"{"a":1]"#, "[1}", "01", "-", "1.", ".5", "+1", "--1", "1-", "1 2", "nul", "nulll", "truefalse",
        "'a'",
        #""a"#, #""\x""#, #""\"#, "\"\n\"", "[1]]", "{}{}", "[]\0", "-01", "1.5.2", "tru",
    ])
    func `what is no JSON is not`(document: String) { #expect(!PlainJSON.isWhole(Array(document.utf8))) }

    /// Foundation looks at these, and has its own opinion of them.
    @Test(arguments: [
        "\"é\"", #""\u00e9""#, #""\ud800""#, "1e400", "1234567890123456", "0.1234567890123456",
        String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
    ])
    func `what takes a closer look is left to it`(document: String) {
        #expect(!PlainJSON.isWhole(Array(document.utf8)))
    }

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
                guard PlainJSON.isWhole(bytes) else { continue }
                taken += 1
                let object = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
                #expect(object != nil, "\(String(decoding: bytes, as: UTF8.self))")
            }
        }
        #expect(taken > 1_000)
    }
}
