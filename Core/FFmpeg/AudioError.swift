/// Why a recording was not read.
public enum AudioError: Error, Equatable, Sendable {
    /// There is no sound in it, or it is no file of a kind we take.
    case notAudio
    /// A film.
    case video
    /// A kind of file, or of coding, that players of ours do not play.
    case unsupported(String)
    /// It is no picture of a kind we take.
    case notPicture
    /// There is none in the recording.
    case noPicture
    /// It would be decoded into more memory than a picture is worth.
    case tooManyPixels
    /// It claims to be longer than it is.
    case truncated
    /// The piece asked for is larger than was allowed.
    case tooLarge
    case timeout
    /// Its bytes could not be had: refused, gone, or nobody there.
    case unreachable(String)
    /// There is no ffmpeg here.
    case missing
    /// An address that is not to be read.
    case notAllowed
    case failed(String)
}
