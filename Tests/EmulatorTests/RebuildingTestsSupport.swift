import Foundation
import Platform
import Synchronization

@testable import emulator

/// A function in Python whose program is built of its source whenever that is saved.
final class Workshop: Sendable {
    let folder: String
    private let test: TestHost
    private let rebuilding: Task<Void, Never>
    private let lines = Lines()

    private final class Lines: Sendable {
        let all = Mutex<[String]>([])
    }

    /// Waits for a file if the event names one.
    private static let before =
        TestHost.prelude + """
            def wait(event, value):
                if "until" in event:
                    open(event["until"] + ".begun", "w").close()
                    while not os.path.exists(event["until"]): time.sleep(0.005)
                return value

            """
    private static let after = """

        while True:
            id, headers, event = poll()
            answer(id, handle(json.loads(event)))

        """
    /// Notes what it was asked for, waits while it is held, and says what it cannot build.
    private static let build = #"""
        folder=$0
        echo "$@" >>"$folder/builds"
        while [ -e "$folder/hold" ]; do sleep 0.005; done
        source=$folder/sources/f.swift
        if grep -q '^broken' "$source"; then echo "error: broken"; exit 1; fi
        rm -f "$folder/products/f"
        cat "$folder/before" "$source" "$folder/after" >"$folder/products/f" && chmod +x "$folder/products/f"
        """#

    init(_ source: String) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/earshelf-" + UUID().uuidString
        self.folder = folder
        try write(Self.before, folder + "/before")
        try write(Self.after, folder + "/after")
        try write(source, folder + "/sources/f.swift")
        try write(Self.before + source + Self.after, folder + "/products/f")
        chmod(folder + "/products/f", 0o755)
        let programs = try StagedPrograms(
            ["f"], of: URL(fileURLWithPath: folder + "/products"),
            in: URL(fileURLWithPath: folder + "/programs"))
        let test = try await TestHost(
            ["f": ""],
            configure: { configuration in
                configuration.executable = { _ in programs.folder.appending(path: "f") }
            })
        self.test = test
        let lines = lines
        let rebuilding = Rebuilding(
            watch: try FolderWatch([folder + "/sources"]),
            command: ["/bin/sh", "-c", Self.build, folder], programs: programs,
            output: try .log(at: folder + "/output"),
            say: { line in lines.all.withLock { $0.append(line) } },
            renewed: { _ in test.host.lookForNewPrograms() })
        self.rebuilding = Task { await rebuilding.run() }
    }

    /// What the emulator says of its builds.
    var said: [String] { lines.all.withLock { $0 } }

    /// A line for each build: what was saved.
    var builds: [String] {
        let text = (try? String(contentsOfFile: folder + "/builds", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    func save(_ source: String) throws {
        try write(source, folder + "/sources/f.swift")
    }

    /// Not `TestHost.send`, which waits until nothing is under way.
    func ask(_ event: String = "{}") async throws -> String {
        let outcome = await test.host.invoke("f", payload: Array(event.utf8))
        guard case .response(let payload, _) = outcome else { return outcome.summary }
        return "\(try JSONSerialization.jsonObject(with: Data(payload), options: .fragmentsAllowed))"
    }

    func end() async {
        rebuilding.cancel()
        await rebuilding.value
        await test.end()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
