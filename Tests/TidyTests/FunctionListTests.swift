import Foundation
import Testing
import Yams

/// A function is a folder, a line of Package.swift, a resource of template.yaml and a role of the database:
/// none is forgotten, and none is left over.
@Suite struct FunctionListTests {
    @Test func `every folder of Functions is a line of Package.swift`() throws {
        let package = try Tree.text("Package.swift")
        let list = try #require(package.firstMatch(of: #/let functions: [^\n]*\n((?:.*\n)*?)\]/#)?.1)
        let names = Set(list.matches(of: #/"([a-z-]+)": \[/#).map { String($0.1) })
        #expect(try names == Tree.folders(in: "Functions"))
    }

    @Test func `every folder of Functions is a resource of the template`() throws {
        let handlers = try Set(deployed().values.map(\.handler))
        #expect(try handlers == Tree.folders(in: "Functions"))
    }

    @Test func `a resource is named after its function, and so is its bundle`() throws {
        for (resource, function) in try deployed() {
            let camel = function.handler.split(separator: "-").map(\.capitalized).joined()
            #expect(resource == camel)
            #expect(function.codeUri == ".build/bundles/\(function.handler).zip")
        }
    }

    @Test func `whoever runs ffmpeg has the layer that it is in, and nobody else`() throws {
        for function in try deployed().values {
            let main = try Tree.text("Functions/\(function.handler)/main.swift")
            let runsIt = [".audio", ".pictures", ".bindery"].contains { part in
                main.firstMatch(of: try! Regex("reaching\\([^)]*\\\(part)\\b")) != nil
            }
            #expect(function.layers == (runsIt ? ["Ffmpeg"] : []), "\(function.handler)")
        }
    }

    @Test func `a function takes on the role that bears its name, and the migrations make it`() throws {
        let roles = try Tree.migrations()
        for function in try deployed().values where function.handler != "migrate" {
            let role = "earshelf_" + function.handler.replacing("-", with: "_")
            #expect(function.role == role)
            #expect(roles.contains("'\(role)'"), "\(role) is made by no migration")
        }
    }

    @Test func `every setting of the template is in the example, and every setting of the example is read`()
        throws
    {
        let example = try Tree.text(".env.example").matches(of: #/(?m)^([A-Z0-9_]+)=/#).map { String($0.1) }
        let template = try Tree.text("template.yaml")
        let platform: Set = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        for name in example where !platform.contains(name) {
            #expect(template.contains(" \(name):"), "\(name) reaches no function")
        }
        let variables = Set(template.matches(of: #/(?m)^ +([A-Z][A-Z0-9_]+): /#).map { String($0.1) })
        let own: Set = [
            "DATABASE_ROLE", "TRANSCRIPTION_QUEUE_URL", "SUMMARY_QUEUE_URL", "EXPORT_QUEUE_URL",
            "EVENT_BUS_NAME",
        ]
        #expect(variables.subtracting(own).subtracting(example).isEmpty)
    }

    @Test func `every route a function answers is one of the template, and the other way round`() throws {
        for (_, function) in try deployed() {
            let sources = try Tree.sources(["Functions/\(function.handler)"]).map(\.text).joined()
            let answered = Set(
                sources.matches(of: #/"((?:GET|POST|PUT|PATCH|DELETE) /[^"]*|\$default)"/#).map {
                    String($0.1)
                })
            guard answered.count > 1 else { continue }
            #expect(answered.isSubset(of: function.routes), "\(function.handler)")
            if sources.contains("default: throw Problem.notFound") || sources.contains("default: return") {
                #expect(answered == function.routes, "\(function.handler)")
            }
        }
    }

    private struct Deployed {
        let handler: String
        let codeUri: String
        let role: String?
        let layers: [String]
        let routes: Set<String>
    }

    private func deployed() throws -> [String: Deployed] {
        let template = try #require(try Yams.compose(yaml: Tree.text("template.yaml"))?["Resources"]?.mapping)
        var functions: [String: Deployed] = [:]
        for (name, resource) in template where resource["Type"]?.string == "AWS::Serverless::Function" {
            let properties = try #require(resource["Properties"])
            let routes = (properties["Events"]?.mapping ?? [:]).values.compactMap { event -> String? in
                guard event["Type"]?.string == "HttpApi" else { return nil }
                guard let method = event["Properties"]?["Method"]?.string else { return "$default" }
                return "\(method) \(event["Properties"]?["Path"]?.string ?? "")"
            }
            functions[try #require(name.string)] = Deployed(
                handler: try #require(properties["Handler"]?.string),
                codeUri: try #require(properties["CodeUri"]?.string),
                role: properties["Environment"]?["Variables"]?["DATABASE_ROLE"]?.string,
                layers: properties["Layers"]?.sequence?.compactMap(\.string) ?? [], routes: Set(routes))
        }
        return functions
    }
}
