/// What somebody chose for all they do here.
public struct Preferences: Hashable, Sendable {
    public enum Theme: String, CaseIterable, Codable, Sendable { case system, light, dark }

    public let language: LanguageTag
    public let theme: Theme
    /// Of a book whose own speed was never chosen.
    public let speed: Double
    public let skipBackSeconds: Int
    public let skipForwardSeconds: Int
    public let wantsNews: Bool
    /// The shop's own where it was not chosen.
    public let currency: Currency?
    public let country: Country?
    /// 0 as long as nothing was chosen.
    public let version: Int

    /// What was told, or which part of it cannot be.
    public init(
        language: LanguageTag, theme: Theme, speed: Double, skipBackSeconds: Int, skipForwardSeconds: Int,
        wantsNews: Bool, currency: Currency?, country: Country?, version: Int
    ) throws(PreferenceError) {
        let steps = (speed * 20).rounded()
        guard Self.speeds.contains(speed), abs(steps / 20 - speed) < 0.000_001 else { throw .speed }
        guard Self.skips.contains(skipBackSeconds) else { throw .skipBack }
        guard Self.skips.contains(skipForwardSeconds) else { throw .skipForward }
        (self.language, self.theme, self.speed) = (language, theme, steps / 20)
        (self.skipBackSeconds, self.skipForwardSeconds) = (skipBackSeconds, skipForwardSeconds)
        (self.wantsNews, self.currency, self.country) = (wantsNews, currency, country)
        self.version = version
    }

    public static let speeds = 0.5...3.5
    public static let skips = 5...120

    /// Of whoever never chose.
    public static let usual = Preferences()

    private init() {
        guard let english = LanguageTag(rawValue: "en") else { preconditionFailure("en is a language") }
        (language, theme, speed, skipBackSeconds, skipForwardSeconds) = (english, .system, 1, 15, 30)
        (wantsNews, currency, country, version) = (false, nil, nil, 0)
    }
}

public enum PreferenceError: Error, Equatable { case speed, skipBack, skipForward }
