/// What a recording is found to be.
public struct Probe: Hashable, Sendable {
    public struct Mark: Hashable, Sendable {
        public let title: String?
        public let startMilliseconds: Int
        public let endMilliseconds: Int
    }

    public let container: String
    public let mediaType: String
    public let codec: String
    public let durationMilliseconds: Int
    public let bitsPerSecond: Int?
    public let sampleRate: Int?
    public let chapters: [Mark]
    /// By lower-case name, as far as they are short.
    public let tags: [String: String]
    public let hasCover: Bool
}

/// What `ffprobe -of json` prints, as far as we read it. Numbers come as texts.
struct ProbeAnswer: Decodable {
    struct Stream: Decodable {
        let codecType: String?
        let codec: String?
        let sampleRate: String?
        let bitRate: String?
        let disposition: [String: Int]?
        /// Where Ogg has those of the whole.
        let tags: [String: String]?

        private enum CodingKeys: String, CodingKey {
            case disposition, tags
            case codecType = "codec_type"
            case codec = "codec_name"
            case sampleRate = "sample_rate"
            case bitRate = "bit_rate"
        }
    }

    struct Format: Decodable {
        let name: String?
        let duration: String?
        let bitRate: String?
        let tags: [String: String]?

        private enum CodingKeys: String, CodingKey {
            case duration, tags
            case name = "format_name"
            case bitRate = "bit_rate"
        }
    }

    struct Chapter: Decodable {
        let start: String
        let end: String
        let tags: [String: String]?

        private enum CodingKeys: String, CodingKey {
            case tags
            case start = "start_time"
            case end = "end_time"
        }
    }

    let streams: [Stream]
    let format: Format
    let chapters: [Chapter]

    var claimedMilliseconds: Int? { milliseconds(ofSeconds: format.duration) }

    /// The recording, as long as it was measured to be; or why it is none of ours.
    func probe(durationMilliseconds: Int) throws(AudioError) -> Probe {
        let audio = try audioStream()
        let (container, mediaType) = try kind()
        return Probe(
            container: container, mediaType: mediaType, codec: audio.codec ?? "",
            durationMilliseconds: durationMilliseconds,
            bitsPerSecond: (format.bitRate ?? audio.bitRate).flatMap { Int($0) },
            sampleRate: audio.sampleRate.flatMap { Int($0) }, chapters: marks, tags: tags,
            hasCover: streams.contains { $0.codecType == "video" })
    }

    /// Pictures are covers, whatever the file says they are; anything else that moves is a film.
    func audioStream() throws(AudioError) -> Stream {
        guard let audio = streams.first(where: { $0.codecType == "audio" }) else { throw .notAudio }
        let pictures = ["mjpeg", "png", "bmp", "gif", "webp"]
        let film = streams.first {
            $0.codecType == "video" && $0.disposition?["attached_pic"] != 1
                && !pictures.contains($0.codec ?? "")
        }
        guard film == nil else { throw .video }
        let codec = audio.codec ?? "unknown"
        let known = ["aac", "alac", "flac", "mp3", "opus", "vorbis"]
        guard known.contains(codec) || codec.hasPrefix("pcm_") else { throw .unsupported(codec) }
        return audio
    }

    private func kind() throws(AudioError) -> (container: String, mediaType: String) {
        let names = (format.name ?? "").split(separator: ",").map(String.init)
        let kinds = [
            ("mp4", "audio/mp4"), ("mp3", "audio/mpeg"), ("flac", "audio/flac"), ("ogg", "audio/ogg"),
            ("wav", "audio/wav"), ("aac", "audio/aac"), ("webm", "audio/webm"),
        ]
        guard let kind = kinds.first(where: { names.contains($0.0) }) else {
            throw .unsupported(format.name ?? "unknown")
        }
        return kind
    }

    private var marks: [Probe.Mark] {
        chapters.compactMap { chapter in
            guard let start = milliseconds(ofSeconds: chapter.start) else { return nil }
            let title = chapter.tags?.first { $0.key.lowercased() == "title" }?.value
            return Probe.Mark(
                title: title, startMilliseconds: start,
                endMilliseconds: max(start, milliseconds(ofSeconds: chapter.end) ?? start))
        }
    }

    private var tags: [String: String] {
        let sound = streams.first { $0.codecType == "audio" }
        let all = Array(format.tags ?? [:]) + Array(sound?.tags ?? [:])
        let short = all.filter { $0.key.utf8.count <= 100 && $0.value.utf8.count <= 4000 }
        return Dictionary(short.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
    }
}
