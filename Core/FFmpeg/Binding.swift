internal import Bookshop
internal import FoundationEssentials

/// Makes one file of many, or many of one: the only ones of ours that write to the disk, for an M4B is begun by what is
/// known when it is at its end, and cannot be sent away as it is made.
extension Programs {
    /// The whole book at `path`.
    func bind(
        _ sources: [SoundSource], _ chapters: [Chapter], _ labels: BookLabels, cover: String?,
        at path: String, in folder: WorkFolder
    ) throws(AudioError) {
        let (_, files) = try alike(sources, copying: ["aac"], in: folder)
        var inputs = try row(of: files, in: folder)
        inputs += ["-f", "ffmetadata", "-i", try folder.write(labels.metadata(chapters), as: "labels")]
        var picture: [String] = []
        if let cover {
            inputs += ["-f", "jpeg_pipe", "-i", cover]
            picture = ["-map", "2:v:0", "-c:v", "copy", "-disposition:v:0", "attached_pic"]
        }
        try make(
            inputs + ["-map", "0:a:0"] + picture + ["-map_metadata", "1", "-map_chapters", "1"]
                + ["-c:a", "copy", "-movflags", "+faststart", "-fflags", "+bitexact", "-f", "ipod", path],
            reading: sources)
        try require(try onDisk.length(of: path), of: sources)
    }

    /// Each chapter as a file in the folder; cut between two frames of the one stream that the book is, so that none
    /// is lost and none heard twice.
    func split(
        _ sources: [SoundSource], _ chapters: [Chapter], in folder: WorkFolder
    ) throws(AudioError) -> (kind: ChapterKind, pieces: [(name: String, span: Span)]) {
        let (codec, files) = try alike(sources, copying: ["aac", "mp3"], in: folder)
        let kind: ChapterKind = codec == "mp3" ? .mp3 : .m4a
        let cuts = chapters.dropFirst().map { inSeconds($0.span.startMilliseconds) }.joined(separator: ",")
        let format =
            kind == .mp3 ? ["mp3"] : ["ipod", "-segment_format_options", "movflags=+faststart"]
        try make(
            row(of: files, in: folder) + ["-map", "0:a:0", "-map_metadata", "-1", "-map_chapters", "-1"]
                + ["-c:a", "copy", "-fflags", "+bitexact", "-f", "segment"]
                + ["-segment_times", cuts.isEmpty ? "1000000000" : cuts, "-reset_timestamps", "1"]
                + ["-segment_list", folder.path(of: "cuts"), "-segment_list_type", "csv", "-segment_format"]
                + format + [folder.path(of: "%05d.\(kind.rawValue)")], reading: sources)
        let lines = try folder.text(of: "cuts").split(separator: "\n")
        var pieces: [(name: String, span: Span)] = []
        for line in lines {
            let fields = line.split(separator: ",").map(String.init)
            guard fields.count == 3, let start = milliseconds(ofSeconds: fields[1]),
                let end = milliseconds(ofSeconds: fields[2]), end > start
            else { throw .failed("ffmpeg's list of cuts was not understood") }
            pieces.append((fields[0], Span(startMilliseconds: start, endMilliseconds: end)))
        }
        try require(pieces.last?.span.endMilliseconds ?? 0, of: sources)
        guard pieces.count == chapters.count else { throw .failed("a chapter is shorter than a frame") }
        return (kind, pieces)
    }

    /// Files of which one may follow the other undecoded: those that were given, or each of them as AAC, which players
    /// of any kind play. It is on the disk then, and much smaller than what it was.
    private func alike(
        _ sources: [SoundSource], copying codecs: Set<String>, in folder: WorkFolder
    ) throws(AudioError) -> (codec: String, files: [SoundSource]) {
        let shape = try shape(of: sources)
        if shape.isUniform, codecs.contains(shape.codec) { return (shape.codec, sources) }
        var files: [SoundSource] = []
        for (index, source) in sources.enumerated() {
            let path = folder.path(of: "\(index).m4a")
            try make(
                input(source.url) + ["-map", "0:a:0", "-map_metadata", "-1", "-map_chapters", "-1"]
                    + shape.encoding + ["-f", "ipod", path], reading: [source])
            try require(try onDisk.length(of: path), of: [source])
            files.append(SoundSource(url: path, durationMilliseconds: source.durationMilliseconds))
        }
        return ("aac", files)
    }

    /// What we made ourselves may be read again.
    private var onDisk: Programs { Programs(allowsFiles: true, deadline: deadline) }

    /// One after the other as if they were one, each for as long as it is known to last.
    private func row(of sources: [SoundSource], in folder: WorkFolder) throws(AudioError) -> [String] {
        var lines = ["ffconcat version 1.0"]
        for source in sources {
            guard !source.url.utf8.contains(where: { $0 == UInt8(ascii: "'") || $0 < 32 }) else {
                throw .notAllowed
            }
            lines.append("file '\(source.url)'")
            lines.append("duration \(inSeconds(source.durationMilliseconds))")
            let isOurs = source.url.hasPrefix(folder.path(of: ""))
            var options = try (isOurs ? onDisk : self).caution(source.url, formats: Self.formats)
            // One connection is read for as long as the making takes: one that breaks is made again, where it broke.
            if source.url.hasPrefix("http") {
                options += [("reconnect", "1"), ("reconnect_delay_max", "10")]
            }
            lines += options.map { "option \($0.name) \($0.value)" }
        }
        let list = try folder.write(lines.joined(separator: "\n") + "\n", as: "row")
        return [
            "-protocol_whitelist", "file,http,https,tcp,tls", "-format_whitelist", "concat," + Self.formats,
            "-f", "concat", "-safe", "0", "-i", list,
        ]
    }

    private func make(_ arguments: [String], reading sources: [SoundSource]) throws(AudioError) {
        let url = sources.first?.url ?? ""
        let child = try run(
            "ffmpeg", ["-v", "error", "-hide_banner", "-nostdin", "-nostats", "-y"] + arguments, 890,
            outputBytes: 0, url)
        guard child.ending == .exited(0) else { throw failure(child, url) }
    }

    /// A connection that breaks in the middle is no error to ffmpeg: it makes what it has.
    private func require(_ milliseconds: Int, of sources: [SoundSource]) throws(AudioError) {
        let whole = sources.reduce(0) { $0 + $1.durationMilliseconds }
        guard abs(milliseconds - whole) <= 2000 + 100 * sources.count else {
            throw .unreachable("it is \(milliseconds) ms of \(whole)")
        }
    }

    private func length(of path: String) throws(AudioError) -> Int {
        let child = try probe(
            path, seconds: 60,
            ["-select_streams", "a:0", "-show_entries", "stream=duration", "-of", "csv=p=0"])
        let text = String(decoding: child.output, as: UTF8.self).split(separator: "\n").first.map(String.init)
        guard child.ending == .exited(0), let length = milliseconds(ofSeconds: text) else {
            throw failure(child, path)
        }
        return length
    }

    private func shape(of sources: [SoundSource]) throws(AudioError) -> SoundShape {
        var shapes: [SoundShape.Stream] = []
        for source in sources {
            let child = try probe(
                source.url, seconds: 60,
                [
                    "-select_streams", "a:0", "-show_data_hash", "md5", "-show_entries",
                    "stream=codec_name,profile,sample_rate,channels,extradata_hash", "-of", "json",
                ])
            guard child.ending == .exited(0) else { throw failure(child, source.url) }
            let answer = try? JSONDecoder().decode(SoundShape.self, from: Data(child.output))
            guard let stream = answer?.streams.first else { throw .notAudio }
            shapes.append(stream)
        }
        return SoundShape(streams: shapes)
    }
}

/// Of what kind the sound of some files is. Those that differ in anything are not one stream.
private struct SoundShape: Decodable {
    struct Stream: Decodable, Hashable {
        let codec: String
        let profile: String?
        let sampleRate: String?
        let channels: Int?
        let extradata: String?

        private enum CodingKeys: String, CodingKey {
            case profile, channels
            case codec = "codec_name"
            case sampleRate = "sample_rate"
            case extradata = "extradata_hash"
        }
    }

    let streams: [Stream]

    var codec: String { streams.first?.codec ?? "" }
    var isUniform: Bool { Set(streams).count == 1 }

    /// All to one kind of AAC.
    var encoding: [String] {
        let isMono = streams.allSatisfy { $0.channels == 1 }
        let rates = streams.compactMap { $0.sampleRate.flatMap { Int($0) } }
        let rate = [22_050, 24_000, 32_000, 44_100, 48_000].first { $0 >= rates.max() ?? 0 } ?? 48_000
        return [
            "-ar", "\(rate)", "-ac", isMono ? "1" : "2", "-c:a", "aac",
            // Half the time for what nobody hears of speech.
            "-aac_coder", "fast", "-b:a", isMono ? "64k" : "96k",
        ]
    }
}

extension BookLabels {
    /// As FFmpeg reads it (https://ffmpeg.org/ffmpeg-formats.html#Metadata-2), under the names players of audiobooks
    /// look for: who reads is the composer, and a series is a grouping.
    fileprivate func metadata(_ chapters: [Chapter]) -> String {
        let authors = authors.joined(separator: ", "), narrators = narrators.joined(separator: ", ")
        let series = series.map { place in place.name + (place.label.map { " #\($0)" } ?? "") }
        let tags = [
            ("title", title), ("album", title), ("artist", authors), ("album_artist", authors),
            ("composer", narrators), ("grouping", series.joined(separator: "; ")), ("genre", "Audiobook"),
            ("description", description),
            // An audiobook, to iTunes (`stik`).
            ("media_type", "2"),
        ]
        let head = tags.filter { !$0.1.isEmpty }.map { "\($0.0)=\(escaped($0.1))" }
        let marks = chapters.flatMap { chapter in
            [
                "[CHAPTER]", "TIMEBASE=1/1000", "START=\(chapter.span.startMilliseconds)",
                "END=\(chapter.span.endMilliseconds)", "title=\(escaped(chapter.title))",
            ]
        }
        return ([";FFMETADATA1"] + head + marks).joined(separator: "\n") + "\n"
    }

    private func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars where character != "\0" {
            if "=;#\\\n\r".unicodeScalars.contains(character) { escaped += "\\" }
            escaped.unicodeScalars.append(character)
        }
        return escaped
    }
}
