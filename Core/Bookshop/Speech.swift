/// A word and when it is said, counted from the beginning of what was heard.
public struct SpokenWord: Hashable, Codable, Sendable {
    public let text: String
    public let startMilliseconds: Int
    public let endMilliseconds: Int

    public init(text: String, startMilliseconds: Int, endMilliseconds: Int) {
        (self.text, self.startMilliseconds) = (text, startMilliseconds)
        self.endMilliseconds = endMilliseconds
    }
}

/// A phrase and when it is said, counted from the beginning of what was heard.
public struct SpokenSegment: Hashable, Codable, Sendable {
    public let text: String
    public let startMilliseconds: Int
    public let endMilliseconds: Int
    public let words: [SpokenWord]

    public init(text: String, startMilliseconds: Int, endMilliseconds: Int, words: [SpokenWord] = []) {
        (self.text, self.startMilliseconds) = (text, startMilliseconds)
        (self.endMilliseconds, self.words) = (endMilliseconds, words)
    }
}

/// What was heard in one piece of a recording.
public struct SpokenText: Hashable, Codable, Sendable {
    public let model: String
    /// Its code, of ISO 639, as far as the service tells one that is known.
    public let language: String?
    public let segments: [SpokenSegment]

    public init(model: String, language: String?, segments: [SpokenSegment]) {
        (self.model, self.language, self.segments) = (model, language, segments)
    }

    /// What nobody says. No service is asked for it, for models hear thanks and subtitles in silence.
    public static let silence = SpokenText(model: "silence", language: nil, segments: [])
}

/// A small recording of its own, and how to listen to it.
public struct Recording: Hashable, Sendable {
    public let bytes: [UInt8]
    public let fileName: String
    public let mediaType: String
    /// As `LanguageTag.spokenLanguage` has it, when it is known.
    public let language: String?
    /// 0 hears what is likeliest. A little more gets a model out of a loop.
    public var temperature = 0.0

    public init(bytes: [UInt8], fileName: String, mediaType: String, language: String?) {
        (self.bytes, self.fileName) = (bytes, fileName)
        (self.mediaType, self.language) = (mediaType, language)
    }
}

/// What the shop needs of a speech service. It is never told what was heard before: a model that reads its
/// own words repeats them. Failures are `OutsideFailure`.
public struct Speech {
    public var transcribe: (_ recording: Recording) throws -> SpokenText

    public init(transcribe: @escaping (_ recording: Recording) throws -> SpokenText) {
        self.transcribe = transcribe
    }

    public static var unset: Speech { Speech { _ in throw Unset("Speech.transcribe") } }
}
