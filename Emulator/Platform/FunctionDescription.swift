import Template

/// A function as `ListFunctions` and `GetFunctionConfiguration` tell of it; variables are left out, for they
/// hold secrets.
struct FunctionDescription: Encodable {
    var name: String
    var arn: String
    var runtime: String
    var handler: String
    var timeoutSeconds: Int
    var memoryMegabytes: Int
    var version = "$LATEST"
    var packageType: String
    var state = "Active"
    var lastUpdateStatus = "Successful"
    var codeBytes = 0
    var role: String
    var description = ""
    var lastModified = "1970-01-01T00:00:00.000+0000"

    enum CodingKeys: String, CodingKey {
        case name = "FunctionName"
        case arn = "FunctionArn"
        case runtime = "Runtime"
        case handler = "Handler"
        case timeoutSeconds = "Timeout"
        case memoryMegabytes = "MemorySize"
        case version = "Version"
        case packageType = "PackageType"
        case state = "State"
        case lastUpdateStatus = "LastUpdateStatus"
        case codeBytes = "CodeSize"
        case role = "Role"
        case description = "Description"
        case lastModified = "LastModified"
    }

    init(_ function: Function) {
        name = function.name
        arn = function.arn
        runtime = function.runtime
        handler = function.handler
        timeoutSeconds = function.timeoutSeconds
        memoryMegabytes = function.memoryMegabytes
        packageType = function.codeURI == nil && function.runtime == "image" ? "Image" : "Zip"
        role = "arn:aws:iam::000000000000:role/\(function.logicalID)Role"
    }
}
