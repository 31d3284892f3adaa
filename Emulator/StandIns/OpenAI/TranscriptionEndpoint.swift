import Foundation

/// `POST /v1/audio/transcriptions`: https://platform.openai.com/docs/api-reference/audio/createTranscription.
struct TranscriptionEndpoint: Sendable {
    let models: [String]
    let decodingSeconds: Int
    let recogniser: Recogniser

    private static let extensions = [
        "flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm",
    ]
    private static let parameters: Set = [
        "file", "model", "language", "prompt", "response_format", "temperature", "timestamp_granularities[]",
    ]

    struct Wish: Sendable {
        var file: ArraySlice<UInt8>
        var format: TranscriptFormat
        var granularities: Set<String>
        var temperature: Double
    }

    func answer(_ call: Call) async throws -> Answer {
        let wish = try wish(call)
        let samples: [Int16]
        do {
            samples = try await AudioDecoder(deadlineSeconds: decodingSeconds).samples(of: wish.file)
        } catch AudioDecoder.Failure.notAudio {
            throw OpenAIProblem(
                code: "invalid_value", parameter: "file", "Audio file might be corrupted or unsupported")
        } catch AudioDecoder.Failure.missingTool {
            throw OpenAIProblem(
                status: 500, type: "server_error", "ffmpeg is not there. Install it with: apt install ffmpeg")
        } catch AudioDecoder.Failure.tooSlow {
            throw OpenAIProblem(
                status: 500, type: "server_error", "The file was not decoded in \(decodingSeconds) s.")
        }
        guard samples.count >= AudioDecoder.samplesPerSecond / 10 else {
            throw OpenAIProblem(
                code: "audio_too_short", parameter: "file",
                "Audio file is too short. Minimum audio length is 0.1 seconds.")
        }
        let heard: [Recogniser.Heard]
        do { heard = try await recogniser.words(in: samples) } catch is Recogniser.Busy {
            throw OpenAIProblem.tooMany(retryAfterSeconds: 15)
        }
        let transcript = Transcript(
            heard: heard,
            seconds: Double(samples.count) / Double(AudioDecoder.samplesPerSecond),
            temperature: wish.temperature)
        return transcript.answer(as: wish.format, granularities: wish.granularities)
    }

    private func wish(_ call: Call) throws(OpenAIProblem) -> Wish {
        guard let form = MultipartForm(call.body, type: call.headers["content-type"] ?? "") else {
            throw OpenAIProblem("Could not parse multipart form")
        }
        if let odd = form.parts.first(where: { !Self.parameters.contains($0.name) }) {
            throw OpenAIProblem(
                parameter: odd.name, "Unrecognized request argument supplied: \(odd.name)")
        }
        guard let model = form["model"]?.text, !model.isEmpty else {
            throw OpenAIProblem(parameter: "model", "you must provide a model parameter")
        }
        guard models.contains(model) else { throw .unknownModel(model) }
        guard let file = form["file"], let name = file.fileName else {
            throw OpenAIProblem(parameter: "file", "file is a required property")
        }
        guard file.content.count <= OpenAIStandIn.fileLimitBytes else { throw .tooLarge }
        guard Self.extensions.contains(name.split(separator: ".").last?.lowercased() ?? "") else {
            throw OpenAIProblem(
                parameter: "file",
                "Invalid file format. Supported formats: \(Self.extensions)".replacing("\"", with: "'"))
        }
        if let language = form["language"]?.text, !["", "en", "english"].contains(language.lowercased()) {
            throw OpenAIProblem(
                code: "invalid_language_format", parameter: "language",
                "Invalid language '\(language)': this stand-in knows 'en' alone.")
        }
        let format = try format(form)
        return Wish(
            file: file.content, format: format, granularities: try granularities(form, format),
            temperature: try temperature(form))
    }

    private func format(_ form: MultipartForm) throws(OpenAIProblem) -> TranscriptFormat {
        guard let text = form["response_format"]?.text else { return .json }
        guard let format = TranscriptFormat(rawValue: text) else {
            throw OpenAIProblem(
                parameter: "response_format",
                "response_format '\(text)' is not one of "
                    + TranscriptFormat.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", "))
        }
        return format
    }

    private func granularities(
        _ form: MultipartForm, _ format: TranscriptFormat
    ) throws(OpenAIProblem) -> Set<String> {
        let asked = form.all("timestamp_granularities[]").compactMap(\.text)
        guard !asked.isEmpty else { return ["segment"] }
        guard format == .verboseJSON, asked.allSatisfy({ ["word", "segment"].contains($0) }) else {
            throw OpenAIProblem(
                parameter: "timestamp_granularities",
                "timestamp_granularities are 'word' or 'segment', with response_format 'verbose_json'")
        }
        return Set(asked)
    }

    private func temperature(_ form: MultipartForm) throws(OpenAIProblem) -> Double {
        guard let text = form["temperature"]?.text, !text.isEmpty else { return 0 }
        guard let value = Double(text), (0...1).contains(value) else {
            throw OpenAIProblem(parameter: "temperature", "temperature is a number from 0 to 1")
        }
        return value
    }
}
