import Testing

@testable import Lambda

struct JSONTests {
    @Test(arguments: [
        ("null", JSON.null), (" true ", .boolean(true)), ("\t\r\nfalse", .boolean(false)),
        ("-0", .number("-0")),
        ("1.5e-7", .number("1.5e-7")), ("0E+1", .number("0E+1")), ("[]", .array([])), ("{ }", .object([:])),
        (#"[1,"a",[null]]"#, .array([.number("1"), .string("a"), .array([.null])])),
        (#"{"a":{"b":[]},"c":""}"#, .object(["a": .object(["b": .array([])]), "c": .string("")])),
        (#""\"\\\/\b\f\n\r\t\u00e9\ud83c\udfa7""#, .string("\"\\/\u{8}\u{C}\n\r\té🎧")),
        (#""\u0000""#, .string("\0")), ("\"é\u{7F}\"", .string("é\u{7F}")),
    ])
    func `a text is taken apart`(text: String, value: JSON) throws {
        #expect(try JSON(parsing: [UInt8](text.utf8)) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity",
        "[1,]", "[,1]",
        "[1 2]", "[", "]", "{", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{a:1}", "{'a':1}", #"{"a":1 "b":2}"#,
        #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#, #"""#, #""\"#, #""\x""#, #""\u12""#, #""\u12G4""#,
        #""\ud800""#,
        #""\ud800\u0041""#, #""\udc00""#, "\"\n\"", "\"\u{0}\"", "\u{FEFF}1", "1 1", "/*x*/1", "[1]//",
    ])
    func `what is no JSON is refused`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: [UInt8](text.utf8)) }
    }

    @Test(arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x7B, 0, 0x7D, 0],
    ])
    func `what is no UTF-8 is refused`(bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: bytes) }
    }

    @Test(arguments: ["[", #"{"a":"#]) func `a text may be as deep as the limit, and no deeper`(
        opening: String
    ) {
        let closing = opening == "[" ? "]" : "}"
        func nested(_ depth: Int) -> [UInt8] {
            [UInt8](
                (String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth))
                    .utf8)
        }
        #expect(throws: Never.self) { try JSON(parsing: nested(JSON.deepest)) }
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: nested(JSON.deepest + 1)) }
    }

    @Test(arguments: [("1.0", 1), ("1e3", 1000), ("-0", 0), ("10e-1", 1)])
    func `a whole number, however it is written`(
        text: String, value: Int
    ) throws {
        #expect(try JSON(parsing: [UInt8](text.utf8)).decoded(as: Int.self) == value)
    }
}
