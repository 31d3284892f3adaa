import Foundation
import Template
import Testing

@Suite struct TemplateTests {
    let head = "Transform: AWS::Serverless-2016-10-31\n"

    @Test func `a function has what its resource and Globals say together`() throws {
        let template = try Template.read(
            head + """
                Parameters:
                  Url: { Type: String, NoEcho: true }
                  Size: { Type: Number, Default: 512 }
                Globals:
                  Function:
                    Runtime: provided.al2023
                    Timeout: 10
                    Environment: { Variables: { DATABASE_URL: !Ref Url, MODE: plain } }
                Resources:
                  Cart:
                    Type: AWS::Serverless::Function
                    Properties:
                      CodeUri: .build/bundles/cart.zip
                      Handler: cart
                      MemorySize: !Ref Size
                      ReservedConcurrentExecutions: 7
                      LoggingConfig: { LogFormat: JSON }
                      Environment: { Variables: { MODE: own, ZEROS: 0012, YES: true } }
                """, parameters: ["Url": "postgres://x"])
        let cart = try #require(template.function(named: "Cart"))
        #expect(cart.arn == "arn:aws:lambda:eu-central-1:000000000000:function:Cart")
        #expect(cart.memoryMegabytes == 512)
        #expect(cart.timeoutSeconds == 10)
        #expect(cart.concurrencyLimit == 7)
        #expect(cart.logFormat == .json)
        #expect(
            cart.environment == [
                "DATABASE_URL": "postgres://x", "MODE": "own", "ZEROS": "0012", "YES": "true",
            ])
    }

    @Test func `routes know their API, their authorizer and their limits`() throws {
        let template = try Template.read(
            head + """
                Resources:
                  Api:
                    Type: AWS::Serverless::HttpApi
                    Properties:
                      CorsConfiguration: { AllowOrigins: [https://shop.example], MaxAge: 60 }
                      DefaultRouteSettings: { ThrottlingBurstLimit: 5, ThrottlingRateLimit: 2.5 }
                      Auth:
                        DefaultAuthorizer: Session
                        Authorizers:
                          Session:
                            IdentitySource: $request.header.Authorization
                            AuthorizationScopes: [shop]
                            JwtConfiguration: { issuer: https://id.example, audience: [shop] }
                  Cart:
                    Type: AWS::Serverless::Function
                    Properties:
                      Runtime: provided.al2023
                      Handler: cart
                      Events:
                        Read: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: get, Path: /cart } }
                        Open:
                          Type: HttpApi
                          Properties: { ApiId: !Ref Api, Method: POST, Path: "/c/{id+}", Auth: { Authorizer: NONE } }
                        Rest: { Type: HttpApi }
                """)
        let api = try #require(template.apis.first { $0.logicalID == "Api" })
        #expect(api.cors == CORS(allowOrigins: ["https://shop.example"], maxAgeSeconds: 60))
        #expect(api.defaultThrottle == Throttle(burst: 5, requestsPerSecond: 2.5))
        let routes = try #require(template.functions.first?.routes)
        #expect(routes.map(\.key) == ["GET /cart", "POST /c/{id+}", "$default"])
        #expect(routes.map(\.api) == ["Api", "Api", "ServerlessHttpApi"])
        #expect(
            routes.map(\.authorization) == [.jwt(authorizer: "Session", scopes: ["shop"]), .none, .none])
    }

    @Test func `queues, buckets and schedules become triggers`() throws {
        let template = try Template.read(
            head + """
                Resources:
                  Media:
                    Type: AWS::S3::Bucket
                    Properties:
                      BucketName: !Sub media-${AWS::AccountId}-${AWS::Region}
                      LifecycleConfiguration:
                        Rules: [{ Status: Enabled, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }]
                      NotificationConfiguration:
                        LambdaConfigurations: [{ Event: "s3:ObjectRemoved:*", Function: !GetAtt Work.Arn }]
                  Jobs:
                    Type: AWS::SQS::Queue
                    Properties:
                      VisibilityTimeout: 60
                      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 }
                  Dead: { Type: AWS::SQS::Queue }
                  Work:
                    Type: AWS::Serverless::Function
                    Properties:
                      Runtime: provided.al2023
                      Handler: work
                      DeadLetterQueue: { Type: SQS, TargetArn: !GetAtt Dead.Arn }
                      Environment: { Variables: { QUEUE_URL: !Ref Jobs, BUCKET: !Ref Media } }
                      Events:
                        Stored:
                          Type: S3
                          Properties:
                            Bucket: !Ref Media
                            Events: s3:ObjectCreated:*
                            Filter: { S3Key: { Rules: [{ Name: prefix, Value: u/ }] } }
                        Job:
                          Type: SQS
                          Properties:
                            Queue: !GetAtt Jobs.Arn
                            BatchSize: 1
                            FunctionResponseTypes: [ReportBatchItemFailures]
                            ScalingConfig: { MaximumConcurrency: 4 }
                        Minute: { Type: Schedule, Properties: { Schedule: rate(1 minute), Input: '{"a":1}' } }
                        Night:
                          Type: ScheduleV2
                          Properties:
                            ScheduleExpression: cron(0 3 ? * MON-FRI *)
                            ScheduleExpressionTimezone: Europe/Zurich
                """)
        let work = try #require(template.function(named: "Work"))
        let bucket = "media-000000000000-eu-central-1"
        #expect(
            work.environment == [
                "QUEUE_URL": "http://127.0.0.1:8083/000000000000/Jobs", "BUCKET": bucket,
            ])
        #expect(work.storageTriggers.map(\.events) == [["s3:ObjectCreated:*"], ["s3:ObjectRemoved:*"]])
        #expect(work.storageTriggers[0].matches(eventName: "ObjectCreated:Put", key: "u/1"))
        #expect(!work.storageTriggers[0].matches(eventName: "ObjectCreated:Put", key: "v/1"))
        #expect(work.queueTriggers.first?.queueName == "Jobs")
        #expect(work.queueTriggers.first?.maximumConcurrency == 4)
        #expect(work.queueTriggers.first?.reportsBatchItemFailures == true)
        #expect(work.schedules.map(\.expression).first == .rate(seconds: 60))
        #expect(work.schedules.last?.timeZone == "Europe/Zurich")
        #expect(work.asynchronous.deadLetterTarget == "arn:aws:sqs:eu-central-1:000000000000:Dead")
        #expect(template.queues.first?.redrive?.maximumReceives == 3)
        #expect(template.buckets.first?.lifecycle.first?.abortIncompleteUploadDays == 7)
    }

    @Test func `intrinsic functions and conditions are resolved`() throws {
        let template = try Template.read(
            head + """
                Parameters: { Stage: { Type: String, Default: dev }, Names: { Type: CommaDelimitedList, Default: "a, b" } }
                Mappings: { Sizes: { dev: { memory: 128 }, live: { memory: 1024 } } }
                Conditions:
                  Live: !Equals [!Ref Stage, live]
                  Spare: !And [!Not [!Condition Live], !Or [!Condition Live, !Equals [a, a]]]
                Resources:
                  Api: { Type: AWS::Serverless::HttpApi }
                  Extra: { Type: AWS::SQS::Queue, Condition: Live }
                  F:
                    Type: AWS::Serverless::Function
                    Properties:
                      Runtime: provided.al2023
                      Handler: f
                      MemorySize: !FindInMap [Sizes, !Ref Stage, memory]
                      Timeout: !If [Live, 30, !Ref AWS::NoValue]
                      Environment:
                        Variables:
                          A: !Join ["-", [x, !Select [1, !Ref Names], { Ref: AWS::Region }]]
                          B: !Select [1, !Split [":", "k:v"]]
                          C: !Sub ["${One}/${!Keep}/${AWS::StackName}", { One: !If [Spare, s, l] }]
                          D: !Sub "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/x"
                          E: { "Fn::GetAtt": [FRole, Arn] }
                Outputs:
                  Url: { Value: !Sub "https://${Api}.execute-api.${AWS::Region}.amazonaws.com" }
                  Gone: { Condition: Live, Value: !GetAtt Extra.Arn }
                """)
        let function = try #require(template.functions.first)
        #expect(function.memoryMegabytes == 128)
        #expect(function.timeoutSeconds == 3)
        #expect(
            function.environment == [
                "A": "x-b-eu-central-1", "B": "v", "C": "s/${Keep}/earshelf", "D": "http://127.0.0.1:8080/x",
                "E": "arn:aws:iam::000000000000:role/earshelf-FRole",
            ])
        #expect(template.queues.isEmpty)
        #expect(template.outputs == ["Url": "http://127.0.0.1:8080"])
    }

    @Test(arguments: [
        (
            "  T: { Type: AWS::DynamoDB::Table }",
            "line 3, Resources.T.Type: the emulator does not know resources of type "
                + "AWS::DynamoDB::Table"
        ),
        (
            "  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      Colour: red",
            "line 6, Resources.Q.Properties.Colour: the emulator does not know this property"
        ),
        (
            "  Q: { Type: AWS::SQS::Queue, Properties: { VisibilityTimeout: long } }",
            "line 3, Resources.Q.Properties.VisibilityTimeout: a whole number in 0...43200 "
                + "is expected here"
        ),
        (
            "  Q: { Type: AWS::SQS::Queue, Properties: { QueueName: !ImportValue x } }",
            "line 3, Resources.Q.Properties.QueueName: the emulator does not know the "
                + "function ImportValue"
        ),
        (
            "  Q: { Type: AWS::SQS::Queue, Properties: { QueueName: !Ref Nobody } }",
            "line 3, Resources.Q.Properties.QueueName: there is no parameter or resource "
                + "Nobody"
        ),
        (
            "  Q: { Type: AWS::SQS::Queue, Properties: { QueueName: !Ref Q } }",
            "line 3, Resources.Q.Properties.QueueName: depends on itself"
        ),
        (
            "  F: { Type: AWS::Serverless::Function, Properties: { Runtime: r } }",
            "line 3, Resources.F.Properties: Handler is missing"
        ),
        (
            "  F: { Type: AWS::Serverless::Function, Properties: { Runtime: r, Handler: h, "
                + "Environment: { Variables: { AWS_REGION: x } } } }",
            "line 3, Resources.F.Properties.Environment.Variables.AWS_REGION: the platform "
                + "sets this variable itself"
        ),
        (
            "  F:\n    Type: AWS::Serverless::Function\n    Properties: { Runtime: r, "
                + "Handler: h,\n      Events: { K: { Type: Kinesis } } }",
            "line 6, Resources.F.Properties.Events.K.Type: the emulator does not know events "
                + "of type Kinesis"
        ),
        (
            "  F: { Type: AWS::Serverless::Function, Properties: { Runtime: r, Handler: h, "
                + "Events: { S: { Type: Schedule, Properties: { Schedule: rate(5 minute) } } } } }",
            "line 3, Resources.F.Properties.Events.S.Properties.Schedule: rate(1 minute), "
                + "rate(5 minutes) … is expected here"
        ),
        (
            "  Q: { Type: AWS::SQS::Queue\n",
            "line 5: not valid YAML: did not find expected ',' or '}'"
        ),
    ])
    func `what is not understood is named and refused`(resources: String, message: String) throws {
        let error = #expect(throws: TemplateError.self) {
            try Template.read(head + "Resources:\n" + resources + "\n")
        }
        #expect(error?.description == message)
    }

    @Test func `a parameter without a value and one that nobody knows are refused`() throws {
        let yaml = head + "Parameters: { Url: { Type: String } }\nResources: {}\n"
        #expect(throws: TemplateError.self) { try Template.read(yaml) }
        #expect(throws: TemplateError.self) { try Template.read(yaml, parameters: ["Url": "x", "Uri": "y"]) }
        _ = try Template.read(yaml, parameters: ["Url": "x"])
    }

    static let shop = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "template.yaml")

    @Test(.enabled(if: FileManager.default.fileExists(atPath: shop.path)))
    func `the shop's own template is understood`() throws {
        var parameters: [String: String] = [:]
        var result = Self.readShop(parameters)
        while case .failure(let error) = result, error.path.hasPrefix("Parameters.") {
            let name = String(error.path.dropFirst("Parameters.".count))
            // As long as any asks it to be.
            let value = String(repeating: "given", count: 8)
            try #require(parameters.updateValue(value, forKey: name) == nil, "\(error)")
            result = Self.readShop(parameters)
        }
        let template = try result.get()
        #expect(template.functions.contains { $0.handler == "library" })
    }

    private static func readShop(_ parameters: [String: String]) -> Result<Template, TemplateError> {
        do {
            return .success(try Template.read(contentsOf: shop, parameters: parameters))
        } catch {
            return .failure(error)
        }
    }
}
