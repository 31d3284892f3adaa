public import Bookshop

extension AudioTools {
    /// Recordings by ffprobe and ffmpeg. The deadline is asked for at each run.
    public static func ffmpeg(
        ranges: RangeReader? = nil, deadline: @escaping () -> ContinuousClock.Instant?
    ) -> AudioTools {
        let programs = Programs(ranges: ranges, deadline: deadline)
        return AudioTools(
            probe: { url in
                let probe = try told { () throws(AudioError) in try programs.probe(url) }
                return AudioProbe(
                    mediaType: probe.mediaType, codec: probe.codec,
                    durationMilliseconds: probe.durationMilliseconds, bitsPerSecond: probe.bitsPerSecond,
                    sampleRate: probe.sampleRate,
                    chapters: probe.chapters.map {
                        ChapterMark(title: $0.title, startMilliseconds: $0.startMilliseconds)
                    }, title: probe.tags["title"])
            },
            listen: { url, span in try told { () throws(AudioError) in try programs.listen(url, span) } },
            sample: { url, span in
                Recording(
                    bytes: try told { () throws(AudioError) in
                        try programs.sample(
                            url, from: span.startMilliseconds, milliseconds: span.durationMilliseconds)
                    }, fileName: "sample.mp3", mediaType: "audio/mpeg", language: nil)
            })
    }
}

/// What the shop must know of it: that the file is bad, or that it may be tried again.
func told<Value>(_ body: () throws(AudioError) -> Value) throws(OutsideFailure) -> Value {
    do { return try body() } catch { throw OutsideFailure(error) }
}

extension OutsideFailure {
    init(_ error: AudioError) {
        let (kind, code, reason): (Kind, String, String) =
            switch error {
            case .notAudio: (.refused, "not-audio", "there is no audio in it")
            case .video: (.refused, "not-audio", "it is a film")
            case .notPicture: (.refused, "not-a-picture", "it is no picture")
            case .noPicture: (.refused, "no-picture", "there is no picture in it")
            case .tooManyPixels: (.refused, "picture-too-large", "it has too many pixels")
            case .unsupported(let name): (.refused, "unsupported", "\(name) is not played")
            case .truncated: (.refused, "truncated", "it ends before it says it does")
            case .tooLarge: (.refused, "too-large", "the piece is larger than was allowed")
            case .notAllowed: (.refused, "not-allowed", "only http and https addresses are read")
            case .timeout: (.unavailable, "timeout", "there was no time left")
            case .unreachable(let reason): (.unavailable, "unreachable", reason)
            case .missing: (.unavailable, "missing", "there is no ffmpeg here")
            case .failed(let reason): (.unavailable, "failed", reason)
            }
        self.init("ffmpeg", kind, code: code, reason: reason)
    }
}

extension Bindery {
    /// Files by ffmpeg, in a folder below this one, or `TMPDIR`; it is the process's, which makes one book at a time.
    /// The deadline is asked for at each run.
    public static func ffmpeg(
        allowsFiles: Bool = false, in root: String? = nil, deadline: @escaping () -> ContinuousClock.Instant?
    ) -> Bindery {
        // The index of a hundred hours is kept until all of it is written.
        let programs = Programs(
            allowsFiles: allowsFiles, memoryBytes: 2 << 30, fileBytes: 5 << 30, deadline: deadline)
        return Bindery(
            bind: { sources, chapters, labels, cover, take in
                try WorkFolder.open(in: root) { folder in
                    let file = try told { () throws(AudioError) in
                        let picture: String?
                        if let cover {
                            picture = try folder.write(cover, as: "cover.jpg")
                        } else {
                            picture = nil
                        }
                        try programs.bind(
                            sources, chapters, labels, cover: picture, at: folder.path(of: "book.m4b"),
                            in: folder)
                        return try folder.file("book.m4b")
                    }
                    try take(file)
                }
            },
            split: { sources, chapters, take in
                try WorkFolder.open(in: root) { folder in
                    let (kind, sounds) = try told { () throws(AudioError) in
                        let (kind, pieces) = try programs.split(sources, chapters, in: folder)
                        var sounds: [ChapterSound] = []
                        for piece in pieces {
                            sounds.append(ChapterSound(span: piece.span, file: try folder.file(piece.name)))
                        }
                        return (kind, sounds)
                    }
                    try take(sounds, kind)
                }
            })
    }
}
