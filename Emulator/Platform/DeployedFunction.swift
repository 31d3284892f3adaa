import CProcess
import Foundation
import Template

/// A function of the template together with what this machine knows about running it.
struct DeployedFunction: Sendable {
    let template: Function
    let settings: HostConfiguration

    var name: String { template.name }
    var memoryLimitBytes: Int { template.memoryMegabytes << 20 }

    struct NoProgram: Error, CustomStringConvertible {
        var path: String
        var description: String { "Couldn't find valid bootstrap: \(path)" }
    }

    private var executable: URL? {
        settings.executable(template) ?? codeFolder?.appending(path: "bootstrap").absoluteURL
    }

    private var codeFolder: URL? {
        guard let code = template.codeURI else { return nil }
        let folder = URL(fileURLWithPath: code, relativeTo: settings.codeFolder)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder), isFolder.boolValue
        else { return nil }
        return folder
    }

    /// What makes one build differ from the next; nil where there is no program.
    func build() -> [Int64]? {
        guard let path = executable?.path else { return nil }
        var identity: [Int64] = [0, 0, 0, 0]
        return process_file_identity(path, &identity) == 0 ? identity : nil
    }

    // MARK: Task folder

    private var taskFolder: URL {
        settings.stateFolder.appending(path: "tasks/\(name)")
    }

    /// What `/var/task` is on the real platform: links to the program and to what its bundle holds.
    func prepareTaskFolder() throws {
        let files = FileManager.default
        try? files.removeItem(at: taskFolder)
        try files.createDirectory(at: taskFolder, withIntermediateDirectories: true)
        var links = settings.taskLinks
        if let code = codeFolder {
            for name in try files.contentsOfDirectory(atPath: code.path) {
                links[name] = code.appending(path: name).absoluteURL
            }
        }
        links["bootstrap"] = executable
        for (name, target) in links {
            let link = taskFolder.appending(path: name)
            try files.createSymbolicLink(atPath: link.path, withDestinationPath: target.path)
        }
    }

    func program(runtimeAPI: String, environment: String) throws -> ChildProcess.Program {
        let bootstrap = taskFolder.appending(path: "bootstrap").path
        guard access(bootstrap, X_OK) == 0 else { throw NoProgram(path: bootstrap) }
        return ChildProcess.Program(
            path: bootstrap, variables: variables(runtimeAPI: runtimeAPI, environment: environment),
            folder: taskFolder.path)
    }

    /// All that the process is told; nothing of the emulator's own environment but where programs are.
    private func variables(runtimeAPI: String, environment: String) -> [String: String] {
        var variables = template.environment
        variables.merge(settings.variables(template)) { _, ours in ours }
        let date = Date().formatted(.iso8601.year().month().day().dateSeparator(.dash))
        let stream =
            date.replacingOccurrences(of: "-", with: "/") + "/[$LATEST]"
            + environment.replacingOccurrences(of: "-", with: "")
        let own = [
            "AWS_LAMBDA_RUNTIME_API": runtimeAPI,
            "_HANDLER": template.handler,
            "LAMBDA_TASK_ROOT": taskFolder.path,
            "LAMBDA_RUNTIME_DIR": "/var/runtime",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": String(template.memoryMegabytes),
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/\(name)",
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "AWS_LAMBDA_LOG_FORMAT": template.logFormat.rawValue,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_REGION": settings.place.region,
            "AWS_DEFAULT_REGION": settings.place.region,
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "HOME": "/tmp",
            "TMPDIR": "/tmp",
        ]
        return variables.merging(own) { _, platform in platform }
    }
}
