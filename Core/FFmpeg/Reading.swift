public import Bookshop
internal import FoundationEssentials

extension Programs {
    /// What the recording is. What it says of itself is tried: its beginning and its end must sound, and
    /// where its length was only guessed from its size, all of its frames are counted. A few ranges are read,
    /// mostly.
    public func probe(_ url: String) throws(AudioError) -> Probe {
        let child = try probe(
            url, seconds: 60,
            ["-show_format", "-show_streams", "-show_chapters", "-of", "json"])
        guard child.ending == .exited(0) else { throw failure(child, url) }
        guard let answer = try? JSONDecoder().decode(ProbeAnswer.self, from: Data(child.output)) else {
            throw .failed("ffprobe's answer was not understood")
        }
        _ = try answer.audioStream()
        guard try audibleMilliseconds(url, from: 0, 1000) > 0 else { throw .notAudio }
        let isGuessed = child.complaint.contains("Estimating duration")
        guard !isGuessed, let claimed = answer.claimedMilliseconds, claimed > 0 else {
            return try answer.probe(durationMilliseconds: try countedMilliseconds(url))
        }
        // Encoders pad, and players round: two seconds are nobody's loss.
        let tail = min(claimed, 3000)
        guard try audibleMilliseconds(url, from: claimed - tail, tail) >= max(1, tail - 2000) else {
            throw .truncated
        }
        return try answer.probe(durationMilliseconds: claimed)
    }

    /// A span as speech models hear it. An MP3 of changing bit rate has no index, so to be exact it is read from its
    /// beginning; of other kinds only the span is.
    public func listen(_ url: String, _ span: Span) throws(AudioError) -> Sound {
        if let ranges, let sound = try listenByOutline(url, span, ranges) { return sound }
        let child = try convert(
            url, from: span.startMilliseconds, milliseconds: span.durationMilliseconds, seconds: 600,
            outputBytes: 24 << 20,
            ["-ac", "1", "-ar", "\(Sound.samplesPerSecond)", "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"])
        return Sound(startMilliseconds: span.startMilliseconds, bytes: child.output)
    }

    /// A sample to listen to, as MP3, faded in and out.
    public func sample(_ url: String, from start: Int, milliseconds: Int) throws(AudioError) -> [UInt8] {
        let fade = min(500, milliseconds / 4)
        let filter =
            "afade=t=in:d=\(inSeconds(fade)),"
            + "afade=t=out:st=\(inSeconds(milliseconds - fade)):d=\(inSeconds(fade))"
        let child = try convert(
            url, from: start, milliseconds: milliseconds, seconds: 300, outputBytes: 24 << 20,
            ["-af", filter, "-c:a", "libmp3lame", "-b:a", "96k", "-write_xing", "0", "-f", "mp3", "pipe:1"])
        return child.output
    }

    /// How much sound there is from here on, for at most so long.
    private func audibleMilliseconds(_ url: String, from start: Int, _ length: Int) throws(AudioError) -> Int
    {
        do throws(AudioError) {
            let options = ["-f", "null", "-progress", "pipe:1", "/dev/null"]
            return reached(
                try convert(
                    url, from: start, milliseconds: length, seconds: 60, outputBytes: 1 << 20, options))
        } catch {
            if error == .notAudio || error == .truncated { return 0 }
            throw error
        }
    }

    /// By its frames, all of them, undecoded.
    private func countedMilliseconds(_ url: String) throws(AudioError) -> Int {
        reached(
            try convert(
                url, seconds: 600, outputBytes: 4 << 20,
                ["-c", "copy", "-f", "null", "-progress", "pipe:1", "/dev/null"]))
    }

    /// The last `out_time_us=…` that was reported.
    private func reached(_ child: ChildProcess) -> Int {
        let lines = String(decoding: child.output, as: UTF8.self).split(separator: "\n")
        let last = lines.last { $0.hasPrefix("out_time_us=") }
        return max(0, last.flatMap { Int($0.dropFirst(12)) } ?? 0) / 1000
    }
}
