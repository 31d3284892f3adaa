import Foundation

extension Emulator {
    /// Starts what fills a new shop, and ends it first: nothing waits for it, and it goes on at the next start.
    func startSeeds(_ plan: Plan) throws {
        guard let program = plan.options.seed.first else { return }
        var environment = ProcessInfo.processInfo.environment
        environment["EARSHELF_ADDRESSES"] = Welcome(plan).json
        environment["EARSHELF_STATE"] = plan.state.url.path
        let output = FileHandle.standardOutput
        let seeds = try ChildProcess(plan.options.seed, output: output, environment: environment)
        // The kernel knows a program by fifteen letters of its name.
        let name = String(URL(fileURLWithPath: program).lastPathComponent.prefix(15))
        let will = try LastWill(end: seeds.identifier, named: name, with: ["TERM", "KILL"], log: output)
        ensemble.add("seeds") {
            seeds.signal(SIGTERM)
            if await !seeds.hasEnded(within: .seconds(2)) { seeds.signal(SIGKILL) }
            await will.revoke()
        }
    }
}
