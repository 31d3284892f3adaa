import Platform

extension Emulator {
    /// Before all that functions call, so that it is there for the first span.
    func startConsole(_ plan: Plan) async throws -> Console? {
        guard let folder = plan.options.console else { return nil }
        let console = Console(folder: folder, port: plan.addresses.port(.console))
        self.console = console
        try await listen("console", .console, plan) { _, ready in try await console.run(onRunning: ready) }
        return console
    }
}

extension HostConfiguration {
    /// Lets the console see what is logged and what happens, and has all be traced.
    mutating func report(to records: ConsoleRecords) {
        samplesTraces = true
        observe = { records.take($0) }
        let log = log
        self.log = { line in
            records.take(line)
            log(line)
        }
    }
}
