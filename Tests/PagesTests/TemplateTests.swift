import Testing

@testable import Pages

@Suite struct TemplateTests {
    private func rendered(
        _ template: String, _ value: PageValue, partials: [String: String] = [:]
    ) throws -> String {
        try Template(parsing: template).rendered(
            with: value, partials: partials.mapValues { try Template(parsing: $0) })
    }

    @Test(arguments: [
        ("Hello {{name}}!", "Hello &lt;b&gt;&amp;&quot;&#39;!"),
        ("{{#list}}<{{.}}{{number}}>{{/list}}", "<1><2>"),
        ("{{#none}}a{{/none}}{{^none}}b{{/none}}", "b"),
        ("{{#empty}}a{{/empty}}{{^empty}}b{{/empty}}", "b"),
        ("{{#flag}}{{name}}{{/flag}}", "&lt;b&gt;&amp;&quot;&#39;"),
        ("{{a.b.c}}{{a.x.c}}{{#a.b}}{{c}}{{/a.b}}", "dd"),
        ("a {{! nobody sees\nthis }}b", "a b"),
        ("{{ name }}{{nowhere}}", "&lt;b&gt;&amp;&quot;&#39;"),
        ("{{#list}}{{a.b.c}}{{/list}}", "dd"),
    ])
    func `a template is filled as Mustache says`(template: String, expected: String) throws {
        let value: PageValue = [
            "name": "<b>&\"'", "none": false, "empty": [], "flag": true, "a": ["b": ["c": "d"]],
            "list": [["number": "1"], ["number": "2"]],
        ]
        #expect(try rendered(template.replacing("{{.}}", with: ""), value) == expected)
    }

    @Test func `a tag alone on its line leaves no line`() throws {
        let template = "<ul>\n    {{#list}}\n    <li>{{name}}\n    {{/list}}\n    {{> end}}\n</ul>\n"
        let value: PageValue = ["list": [["name": "a"], ["name": "b"]]]
        #expect(
            try rendered(template, value, partials: ["end": "    <li>{{name}}end\n"])
                == "<ul>\n    <li>a\n    <li>b\n    <li>end\n</ul>\n")
    }

    @Test func `an inner name goes before an outer, and what is inside is not looked for outside`() throws {
        let value: PageValue = ["name": "outer", "one": ["name": ""], "two": ["other": "x"], "a": "text"]
        #expect(
            try rendered("{{#one}}[{{name}}]{{/one}}{{#two}}[{{name}}]{{/two}}{{a.b}}", value) == "[][outer]")
    }

    @Test func `a partial is filled where it stands, and one without end is refused`() throws {
        let value: PageValue = ["list": [["name": "a"], ["name": "b"]]]
        #expect(
            try rendered("{{#list}}{{> line}}{{/list}}", value, partials: ["line": "<{{name}}>"]) == "<a><b>")
        for partials in [[:], ["line": "{{> line}}"]] {
            #expect(throws: Template.Missing(partial: "line")) {
                try rendered("{{> line}}", value, partials: partials)
            }
        }
    }

    @Test(arguments: [
        ("a\nb{{#x}}", 2), ("{{/x}}", 1), ("\n\n{{#x}}\n{{/y}}", 4), ("{{x", 1), ("{{{x}}}", 1),
        ("{{&x}}", 1),
        ("{{}}", 1), ("{{x y<}}", 1), ("{{=<% %>=}}", 1),
    ])
    func `what is no template is refused by its line`(template: String, line: Int) throws {
        let fault = try #require(throws: TemplateFault.self) { try Template(parsing: template) }
        #expect(fault.line == line, "\(fault)")
    }

    @Test func `a text is its paragraphs, and no paragraph is empty`() {
        #expect(
            PageValue.paragraphs("One.\r\n\r\n  Two.\n \n") == [["paragraph": "One."], ["paragraph": "Two."]])
        #expect(PageValue.paragraphs(nil) == [])
    }
}
