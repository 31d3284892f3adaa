import Testing

@testable import AWS

@Suite struct XMLTests {
    private func read(_ text: String) throws -> XMLElement { try XMLElement(Array(text.utf8)) }

    @Test func `elements, text and references are read`() throws {
        let root = try read(
            "<a x='1' y=\"2\" ><b>&lt;&amp;&gt;&quot;&apos;&#233;&#xE9;</b><b/>t<c.d-e_f:g ></c.d-e_f:g >u</a>\n"
        )
        #expect(root["b"] == "<&>\"'éé")
        #expect(root.children.map(\.name) == ["b", "b", "c.d-e_f:g"])
        #expect(root.text == "tu")
        #expect(root["z"] == nil)
    }

    @Test func `what is escaped comes back`() throws {
        let text = "<&>\"' é\u{301}>\u{301}\r\n"
        #expect(try read("<a>\(XMLElement.escaped(text))</a>").text == text)
    }

    @Test(arguments: [
        "", " ", "a", "<a>", "<a></b>", "<a/><b/>", "<a></a>x", "x<a/>", "<a", "<a b></a>", "<a b=c/>",
        "<a b='></a>",
        "<a>&</a>", "<a>&lt</a>", "<a>&unknown;</a>", "<a>&#xD800;</a>", "<a>&#x110000;</a>", "<a>&#-1;</a>",
        "<a>&#+65;</a>", "<a>&#;</a>", "<a>&123;</a>", "<a>&aaaaaaaaaaaaaaaaaaaaaaa", "<!DOCTYPE a><a/>",
        "<a><![CDATA[x]]></a>", "<a><!-- x --></a>", "<?xml version='1.0'", "<a b='<'/>", "<é/>", "< a/>",
        "<a><b></a></b>",
    ])
    func `what S3 never sends is refused`(text: String) {
        #expect(throws: XMLElement.Malformed.self) { try read(text) }
    }

    @Test func `nesting ends at 16, and bytes must be UTF-8`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        }
        #expect(try read(nested(16)).name == "a")
        #expect(throws: XMLElement.Malformed.self) { try read(nested(17)) }
        #expect(throws: XMLElement.Malformed.self) {
            try XMLElement(Array("<a>".utf8) + [0xFF] + Array("</a>".utf8))
        }
    }
}
