import Bus
import Template
import Testing

@testable import emulator

@Suite struct BusTemplateTests {
    private func template(_ properties: String, _ more: String = "") throws -> Template {
        try Template.read(
            """
            Transform: AWS::Serverless-2016-10-31
            Resources:
              Events:
                Type: AWS::Events::EventBus
                Properties: { Name: !Ref AWS::StackName }
              Dead: { Type: AWS::SQS::Queue }
              Summarise:
                Type: AWS::Serverless::Function
                Properties:
                  Handler: summarise
                  Runtime: provided.al2023
                  Environment: { Variables: { EVENT_BUS_NAME: !Ref Events, ARN: !GetAtt Events.Arn } }
                  Events:
                    Told:
                      Type: EventBridgeRule
                      Properties: { \(properties) }
            \(more)
            """)
    }

    private let pattern = "Pattern: { source: [earshelf], detail: { n: [300, 3.0e2, '300', yes, null] } }"

    @Test func `a rule is read with its bus, its pattern, its retries and its dead letters`() throws {
        let template = try template(
            """
            \(pattern), EventBusName: !Ref Events, DeadLetterConfig: { Arn: !GetAtt Dead.Arn }, RetryPolicy: {
            MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 600 }, Target: { Id: x }
            """)
        #expect(template.buses == [EventBus(logicalID: "Events", name: "earshelf")])
        let function = try #require(template.function(named: "Summarise"))
        #expect(
            function.environment == [
                "EVENT_BUS_NAME": "earshelf",
                "ARN": "arn:aws:events:eu-central-1:000000000000:event-bus/earshelf",
            ])
        let rule = try #require(function.busTriggers.first)
        #expect(rule.ruleName == "earshelf-SummariseTold" && rule.bus == "earshelf" && rule.enabled)
        #expect(rule.arn == "arn:aws:events:eu-central-1:000000000000:rule/earshelf/earshelf-SummariseTold")
        #expect(rule.pattern == #"{"source":["earshelf"],"detail":{"n":[300,3.0e2,"300",true,null]}}"#)
        #expect(rule.maximumRetries == 3 && rule.maximumAgeSeconds == 600)
        #expect(rule.deadLetterTarget == "arn:aws:sqs:eu-central-1:000000000000:Dead")
        #expect(try BusRule.all(of: template).map(\.target.function) == ["Summarise"])
    }

    @Test func `without more, a rule is of the default bus and tries for a day`() throws {
        let rule = try #require(try template(pattern).functions[0].busTriggers.first)
        #expect(rule.bus == "default" && rule.maximumRetries == 185 && rule.maximumAgeSeconds == 86_400)
        #expect(try BusRule.all(of: template("\(pattern), State: DISABLED")).isEmpty)
        let named = try template("\(pattern), EventBusName: !GetAtt Events.Arn")
        #expect(named.functions[0].busTriggers[0].bus == "earshelf")
    }

    @Test(arguments: [
        ("EventBusName: !Ref Events", "Pattern"), ("Pattern: text", "Pattern"),
        ("Pattern: { a: [0x10] }", "a number as JSON writes it"),
        ("Pattern: { a: [b] }, EventBusName: nowhere", "bus nowhere"),
        ("Pattern: { a: [b] }, DeadLetterConfig: { Arn: arn:x }", "queue arn:x"),
        ("Pattern: { a: [b] }, DeadLetterConfig: { Type: SQS, QueueLogicalId: X }", "Arn"),
        ("Pattern: { a: [b] }, RetryPolicy: { MaximumRetryAttempts: 186 }", "MaximumRetryAttempts"),
        ("Pattern: { a: [b] }, InputPath: $.detail", "InputPath"),
        ("Pattern: { a: [b] }, State: ON", "State"),
    ])
    func `what is not understood of a rule is named`(properties: String, name: String) {
        let error = #expect(throws: TemplateError.self) { try template(properties) }
        #expect(error?.description.contains(name) == true, "\(error as Any)")
    }

    @Test func `a pattern that is not known is refused by its place`() throws {
        let template = try template("Pattern: { detail: { a: [{ sounds-like: b }] } }")
        let refusal = #expect(throws: Refusal.self) { try BusRule.all(of: template) }
        #expect(
            refusal?.description
                == "Resources.Summarise.Properties.Events.Told.Properties.Pattern: the emulator does not know this "
                + "pattern: detail.a.sounds-like: this operator is not known")
    }
}
