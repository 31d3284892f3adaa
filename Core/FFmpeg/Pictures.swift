public import Bookshop
internal import FoundationEssentials

extension Programs {
    /// Kinds of pictures are told by their bytes. A kind that reads whole series of files is not among them.
    private static let pictureFormats = "jpeg_pipe,png_pipe"
    /// More is not decoded.
    private static let pixelLimit = ["-max_pixels", "64000000"]

    /// What a picture is. Only its beginning is read.
    func probePicture(_ url: String) throws(AudioError) -> PictureProbe {
        let options = Self.pixelLimit + ["-show_entries", "stream=codec_name,width,height", "-of", "json"]
        let child = try probe(url, formats: Self.pictureFormats, seconds: 30, options)
        guard child.ending == .exited(0) else { throw pictureFailure(child, url) }
        let answer = try? JSONDecoder().decode(PictureAnswer.self, from: Data(child.output))
        let kinds = ["mjpeg": "image/jpeg", "png": "image/png"]
        guard let stream = answer?.streams?.first, let type = stream.codec.flatMap({ kinds[$0] }),
            let width = stream.width, let height = stream.height, width > 0, height > 0
        else { throw pictureFailure(child, url) }
        return PictureProbe(mediaType: type, width: width, height: height)
    }

    /// As a JPEG that fits a square of so many pixels, and is not made larger. What notes the file carries,
    /// such as where the picture was taken, stay behind.
    func picture(_ url: String, pixels: Int) throws(AudioError) -> Picture {
        try drawn(url, formats: Self.pictureFormats, pixels: pixels)
    }

    /// The picture a recording carries, or none.
    func embeddedPicture(_ url: String, pixels: Int) throws(AudioError) -> Picture? {
        do throws(AudioError) { return try drawn(url, formats: Self.formats, pixels: pixels) } catch {
            guard error != .noPicture else { return nil }
            throw error
        }
    }

    private func drawn(_ url: String, formats: String, pixels: Int) throws(AudioError) -> Picture {
        let scale = "scale=w='min(iw,\(pixels))':h='min(ih,\(pixels))':force_original_aspect_ratio=decrease"
        let child = try run(
            "ffmpeg",
            ["-v", "error", "-hide_banner", "-nostdin", "-nostats", "-xerror", "-err_detect", "explode"]
                + Self.pixelLimit + (try input(url, formats: formats))
                + ["-map", "0:v:0", "-frames:v", "1", "-map_metadata", "-1", "-vf", scale]
                + ["-pix_fmt", "yuvj420p", "-q:v", "3", "-fflags", "+bitexact", "-flags:v", "+bitexact"]
                + ["-f", "mjpeg", "pipe:1"],
            60, outputBytes: 8 << 20, url)
        guard child.ending == .exited(0), let picture = Picture(jpeg: child.output) else {
            throw pictureFailure(child, url)
        }
        return picture
    }

    /// Of what is no picture ffmpeg often says nothing at all.
    private func pictureFailure(_ child: ChildProcess, _ url: String) -> AudioError {
        if child.complaint.contains("max pixel count") { return .tooManyPixels }
        if child.complaint.contains("matches no streams") { return .noPicture }
        if case .unreachable(let reason) = failure(child, url) { return .unreachable(reason) }
        return .notPicture
    }
}

private struct PictureAnswer: Decodable {
    struct Stream: Decodable {
        let codec: String?
        let width: Int?
        let height: Int?
        private enum CodingKeys: String, CodingKey {
            case width, height
            case codec = "codec_name"
        }
    }

    let streams: [Stream]?
}

extension PictureTools {
    /// Pictures by ffprobe and ffmpeg. The deadline is asked for at each run.
    public static func ffmpeg(deadline: @escaping () -> ContinuousClock.Instant?) -> PictureTools {
        let programs = Programs(deadline: deadline)
        return PictureTools(
            probe: { url in try told { () throws(AudioError) in try programs.probePicture(url) } },
            fitted: { url, pixels in
                try told { () throws(AudioError) in try programs.picture(url, pixels: pixels) }
            },
            embedded: { url, pixels in
                try told { () throws(AudioError) in try programs.embeddedPicture(url, pixels: pixels) }
            })
    }
}
