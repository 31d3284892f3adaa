import Template
import Testing

@Suite struct LayerTemplateTests {
    private let head = "Transform: AWS::Serverless-2016-10-31\nResources:\n"
    private let function =
        "  Work:\n    Type: AWS::Serverless::Function\n    Properties: { Runtime: r, Handler: h, "

    @Test func `a function has its layer by its ARN, and what is in it is left to this machine`() throws {
        let template = try Template.read(
            head + """
                  Tools: { Type: AWS::Serverless::LayerVersion, Properties: { ContentUri: nowhere.zip } }
                \(function)Layers: [!Ref Tools], Environment: { Variables: { LAYER: !Ref Tools } } }
                """)
        let arn = "arn:aws:lambda:eu-central-1:000000000000:layer:Tools:1"
        #expect(template.function(named: "Work")?.environment == ["LAYER": arn])
        let layer = try #require(template.tolerated.first)
        #expect(layer.logicalID == "Tools" && layer.type == "AWS::Serverless::LayerVersion")
    }

    @Test func `a layer that is not there is refused`() throws {
        let error = #expect(throws: TemplateError.self) {
            try Template.read(head + function + "Layers: [!Ref Nobody] }\n")
        }
        #expect(
            error?.description
                == "line 5, Resources.Work.Properties.Layers[0]: there is no parameter or resource Nobody")
    }
}
