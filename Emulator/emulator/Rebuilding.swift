import Foundation
import Platform
import Template

/// Builds what was saved, one build at a time, and has it answer from then on. A build that fails changes
/// nothing.
struct Rebuilding: Sendable {
    let watch: FolderWatch
    /// A program and its arguments; what was saved is added to them.
    let command: [String]
    let programs: StagedPrograms
    /// Takes what the build says.
    let output: FileHandle
    let say: @Sendable (String) -> Void
    /// Called with what was saved, once it is built and in its place.
    let renewed: @Sendable (Set<String>) async throws -> Void

    /// No build takes as long.
    private static let limit = Duration.seconds(30 * 60)

    /// Until it is cancelled. What is saved during a build is in the next one.
    func run() async {
        for await _ in watch.bell {
            let saved = watch.take()
            if !saved.isEmpty { await rebuild(saved) }
        }
    }

    private func rebuild(_ saved: Set<String>) async {
        let start = ContinuousClock.now
        let names = saved.sorted()
        let rest = names.count > 3 ? " and \(names.count - 3) more" : ""
        say("Saved: \(names.prefix(3).joined(separator: ", "))\(rest). Building …")
        do {
            let status = try await build(names)
            let built = ContinuousClock.now
            guard status == 0 else {
                return say("It was not built (above is why): what ran before goes on.")
            }
            let programs = try programs.renew()
            try await renewed(saved)
            let whole = Self.seconds(.now - start)
            say(
                "Live after \(whole) s, of which the build took \(Self.seconds(built - start)) s: "
                    + (programs.isEmpty ? "no program is another" : programs.joined(separator: ", ")) + ".")
        } catch {
            say("What was built is not live: \(error)")
        }
    }

    private func build(_ saved: [String]) async throws -> Int32 {
        let build = try ChildProcess(
            command + saved, output: output, environment: ProcessInfo.processInfo.environment)
        // It leads a group of its own, compilers and all.
        let end: @Sendable () -> Void = { if build.status == nil { kill(-build.identifier, SIGTERM) } }
        let timer = Task {
            try await Task.sleep(for: Self.limit)
            end()
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler(operation: { await build.wait() }, onCancel: end)
    }

    private static func seconds(_ duration: Duration) -> String {
        String(format: "%.2f", duration / .seconds(1))
    }
}

extension Emulator {
    /// The programs of the template, staged, if what is saved is to be built.
    func stagePrograms(of template: Template, in state: StateFolder) throws -> StagedPrograms? {
        guard !options.watch.isEmpty else { return nil }
        let programs = template.functions.map { options.program(of: $0).lastPathComponent }
        return try StagedPrograms(
            programs + ["openapi.json"], of: options.products,
            in: state.url.appendingPathComponent("programs", isDirectory: true))
    }

    func startRebuilding(
        _ plan: Plan, _ template: Template, _ host: FunctionHost, _ programs: StagedPrograms?
    ) throws {
        guard let programs else { return }
        let terminal = terminal
        let rebuilding = Rebuilding(
            watch: try FolderWatch(options.watch), command: options.rebuild, programs: programs,
            output: .standardOutput, say: { terminal.say($0) },
            renewed: { saved in
                host.lookForNewPrograms()
                if saved.contains(where: { $0.hasSuffix(".sql") }) {
                    try await self.migrate(host, template, plan)
                }
            })
        ensemble.start("rebuilding") { await rebuilding.run() }
    }
}
