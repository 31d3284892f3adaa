public import Foundation
public import Logging

/// OpenAI's two endpoints that the shop uses, on one machine and without a key: speech is recognised by
/// PocketSphinx, summaries are sentences taken from the text. Poor words, but of the very recording.
public final class OpenAIStandIn: Sendable {
    public struct Configuration: Sendable {
        /// 0: any free port.
        public var port = 8086
        public var apiKey = "sk-earshelf-local"
        public var transcriptionModels = ["whisper-1"]
        public var chatModels = ["gpt-4o-mini", "gpt-4o", "gpt-4.1-mini", "gpt-4.1", "gpt-5-mini", "gpt-5"]
        /// Requests worked on at once; what is more is answered 429.
        public var requestLimit = 8
        /// Utterances recognised at once, each on its own thread with about 100 MB of models.
        public var recogniserLimit = 2
        /// Speech that is heard at once, in all requests together; what is more is answered 429. It is one
        /// chunk of a book: two would share the processors, and neither be there before its function's end.
        public var hearingLimitSeconds = 900
        /// The upper bound for decoding one file.
        public var decodingSeconds = 120
        /// Debian's pocketsphinx-en-us.
        public var model = URL(fileURLWithPath: "/usr/share/pocketsphinx/model/en-us")
        public var now: @Sendable () -> Date = { Date() }

        public init() {}
    }

    /// The models are not on this machine.
    public struct ModelMissing: Error, CustomStringConvertible {
        public var path: String
        public var description: String {
            "\(path) is not there: speech cannot be recognised. Install it with: "
                + "apt install pocketsphinx-en-us"
        }
    }

    private let configuration: Configuration
    private let logger: Logger
    private let server = LocalServer()

    public init(
        _ configuration: Configuration = Configuration(), logger: Logger = Logger(label: "openai")
    ) throws(ModelMissing) {
        for part in ["en-us/mdef", "en-us.lm.bin", "cmudict-en-us.dict"] {
            let path = configuration.model.appending(path: part).path
            guard FileManager.default.isReadableFile(atPath: path) else { throw ModelMissing(path: path) }
        }
        self.configuration = configuration
        self.logger = logger
    }

    /// `http://127.0.0.1:port`, as soon as it listens; OPENAI_BASE_URL is this and `/v1`.
    public var address: String { get async throws { try await server.address } }

    /// Serves until the task is cancelled.
    public func run() async throws {
        let api = OpenAIAPI(configuration: configuration)
        try await server.run(
            name: "openai", port: configuration.port, bodyLimitBytes: Self.fileLimitBytes + (1 << 20),
            logger: logger, endsWithClient: true, tooLarge: { OpenAIProblem.tooLarge.answer },
            answer: { await api.answer($0) })
    }

    /// https://platform.openai.com/docs/guides/speech-to-text: 25 MiB a file.
    static let fileLimitBytes = 25 << 20
}
