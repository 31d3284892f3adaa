internal import FoundationEssentials
internal import Glibc

/// `ffprobe` and `ffmpeg`, as they come by `PATH`, and how far they may go. They are fed what strangers
/// upload, so each run is a process of its own with a time, a memory and an amount of output; only formats of
/// audio are looked for (a playlist would make them fetch what it names), and only by the protocols needed.
public struct Programs {
    let deadline: () -> ContinuousClock.Instant?
    private let allowsFiles: Bool
    let memoryBytes: Int
    private let fileBytes: Int
    let ranges: RangeReader?
    let outlines = KnownOutline()

    /// - Parameters:
    ///   - allowsFiles: whether paths may be read too, and not only `http` and `https` addresses.
    ///   - memoryBytes: the address space of a run.
    ///   - fileBytes: how large the files may become that it writes; without it, it writes none.
    ///   - ranges: reads a part of a file, where that is cheaper than to have FFmpeg read it.
    ///   - deadline: when the event must have been answered.
    public init(
        allowsFiles: Bool = false, memoryBytes: Int = 1 << 30, fileBytes: Int = 0, ranges: RangeReader? = nil,
        deadline: @escaping () -> ContinuousClock.Instant?
    ) {
        (self.allowsFiles, self.memoryBytes, self.fileBytes) = (allowsFiles, memoryBytes, fileBytes)
        (self.ranges, self.deadline) = (ranges, deadline)
    }

    static let formats = "aac,flac,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,ogg,wav"

    /// What stands before `-i` for every input.
    func input(_ url: String, formats: String = formats) throws(AudioError) -> [String] {
        try caution(url, formats: formats).flatMap { ["-" + $0.name, $0.value] } + ["-i", url]
    }

    /// How an input is to be opened.
    func caution(_ url: String, formats: String) throws(AudioError) -> [(name: String, value: String)] {
        let isRemote = url.hasPrefix("https://") || url.hasPrefix("http://")
        guard isRemote || allowsFiles && url.hasPrefix("/"), !url.utf8.contains(0) else { throw .notAllowed }
        let protocols = "http,https,tcp,tls" + (allowsFiles ? ",file" : "")
        var options = [(name: "format_whitelist", value: formats), ("protocol_whitelist", protocols)]
        // Each single read or write on the network, in microseconds.
        if isRemote { options.append(("rw_timeout", "20000000")) }
        // ffmpeg believes any certificate unless told not to.
        if url.hasPrefix("https://") { options += [("tls_verify", "1"), ("ca_file", certificates())] }
        return options
    }

    /// One file of roots, which is all that ffmpeg's TLS takes: `SSL_CERT_FILE` when it is set, else the
    /// layer's own, else Debian's.
    private func certificates() -> String {
        if let file = ProcessInfo.processInfo.environment["SSL_CERT_FILE"] { return file }
        let ofLayer = "/opt/etc/earshelf-roots.pem"
        return access(ofLayer, R_OK) == 0 ? ofLayer : "/etc/ssl/certs/ca-certificates.crt"
    }

    func probe(
        _ url: String, formats: String = formats, seconds: Int, _ options: [String]
    ) throws(AudioError) -> ChildProcess {
        let arguments = ["-v", "warning", "-hide_banner"] + options
        return try run(
            "ffprobe", arguments + (try input(url, formats: formats)), seconds, outputBytes: 8 << 20, url)
    }

    /// Reads the first audio stream from `start` on and sends what `options` make of it to standard output. Where the
    /// place in the file can be told without what stands before it, only what is asked for is read.
    func convert(
        _ url: String, from start: Int = 0, milliseconds: Int? = nil, seconds: Int, outputBytes: Int,
        _ options: [String]
    ) throws(AudioError) -> ChildProcess {
        let input = try input(url)
        func attempt(_ seeking: [String]) throws(AudioError) -> ChildProcess {
            var arguments = ["-v", "warning", "-hide_banner", "-nostdin", "-nostats"] + seeking
            if let milliseconds { arguments += ["-t", inSeconds(milliseconds)] }
            arguments += input + ["-map", "0:a:0", "-map_metadata", "-1", "-map_chapters", "-1"] + options
            let child = try run("ffmpeg", arguments, seconds, outputBytes: outputBytes, url)
            guard child.ending == .exited(0) else { throw failure(child, url) }
            return child
        }
        guard start > 0 else { return try attempt([]) }
        let seeking = ["-ss", inSeconds(start)]
        // Of an MP3 of one bit rate the place is known; of another it would be guessed, minutes off, and FFmpeg says
        // so (libavformat/mp3dec.c).
        let child = try attempt(["-fflags", "+fastseek"] + seeking)
        return child.complaint.contains("may be imprecise") ? try attempt(seeking) : child
    }

    func run(
        _ program: String, _ arguments: [String], _ seconds: Int, outputBytes: Int, _ url: String
    ) throws(AudioError) -> ChildProcess {
        var end = ContinuousClock.Instant.now + .seconds(seconds)
        if let deadline = deadline() { end = min(end, deadline - .milliseconds(250)) }
        let child = ChildProcess.run(
            program, arguments,
            .init(end: end, outputBytes: outputBytes, memoryBytes: memoryBytes, fileBytes: fileBytes))
        switch child.ending {
        case .outOfTime: throw .timeout
        case .tooMuchOutput: throw .tooLarge
        case .missing: throw .missing
        case .killed(let signal): throw .failed("\(program) ended by signal \(signal)")
        case .exited(127): throw .missing
        case .exited: return child
        }
    }

    /// What the exit means, by the last words. They are FFmpeg's own texts for its errors
    /// (libavutil/error.c).
    func failure(_ child: ChildProcess, _ url: String) -> AudioError {
        let words = child.complaint
        if words.contains("moov atom not found") { return .truncated }
        let network = [
            "Server returned", "HTTP error", "Connection", "Failed to resolve", "timed out",
            "Input/output error",
            "No such file", "Permission denied", "certificate", "Protocol not found", "End of file",
        ]
        if network.contains(where: words.contains) { return .unreachable(lastLine(words, without: url)) }
        let content = [
            "Invalid data found", "Invalid argument", "not on whitelist", "matches no streams",
            "does not contain any stream",
        ]
        if content.contains(where: words.contains) { return .notAudio }
        return .failed(lastLine(words, without: url))
    }

    /// A signed address is a permission, and must not end in a log.
    private func lastLine(_ words: String, without url: String) -> String {
        let line = words.split(separator: "\n").last.map(String.init) ?? "no word"
        let readable = line.split(separator: " ").filter { !$0.contains("://") && !$0.contains(url) }
        return String(readable.joined(separator: " ").prefix(200))
    }
}

/// `12.345`
func inSeconds(_ milliseconds: Int) -> String {
    let rest = String(milliseconds % 1000)
    return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.utf8.count) + rest
}

/// Nil for what is no moment: `N/A`, infinity, a hundred years.
func milliseconds(ofSeconds text: String?) -> Int? {
    guard let seconds = text.flatMap(Double.init), (0...3.2e9).contains(seconds) else { return nil }
    return Int((seconds * 1000).rounded())
}
