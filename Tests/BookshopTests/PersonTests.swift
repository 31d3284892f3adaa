import Bookshop
import Foundation
import Testing

@Suite struct PersonTests {
    @Test(arguments: ["A", "Ada Lovelace", "Zoë 🎧", "👩‍💻", "अदा", String(repeating: "a", count: 100)])
    func `a name is one line`(name: String) { #expect(DisplayName(rawValue: name)?.rawValue == name) }

    @Test(arguments: [
        "", " ", " Ada", "Ada ", "a\nb", "a\tb", "a\u{0}b", "a\u{202E}b", "a\u{2028}b", "\u{FEFF}a",
        "a\u{A0}",
        String(repeating: "a", count: 101),
    ])
    func `what is none is refused`(name: String) { #expect(DisplayName(rawValue: name) == nil) }

    @Test func `a sign-in is fresh for ten minutes`() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        for (age, isFresh) in [(0.0, true), (600, true), (600.5, false), (-5, true)] {
            #expect(SignIn(at: now.addingTimeInterval(-age), session: nil).isFresh(at: now) == isFresh)
        }
        #expect(!SignIn(at: nil, session: "sess_1").isFresh(at: now))
    }

    @Test func `an account holds what the records can hold`() {
        let long = Account(
            issuer: "i", subject: "s", email: String(repeating: "a", count: 321), isEmailVerified: true,
            name: String(repeating: "a", count: 301))
        #expect(long.email == nil && !long.isEmailVerified && long.name == nil)
        let broken = Account(issuer: "i", subject: "s", email: "a\u{0}@b.c", name: "")
        #expect(broken.email == nil && broken.name == nil)
        let good = Account(issuer: "i", subject: "s", email: "a@b", isEmailVerified: true, name: "A")
        #expect(good.email == "a@b" && good.isEmailVerified && good.name == "A")
    }

    @Test(arguments: [
        (0.5, true), (3.5, true), (1.05, true), (1.35, true), (0.45, false), (3.55, false), (1.01, false),
    ])
    func `a speed has steps of a twentieth`(speed: Double, isGood: Bool) throws {
        func preferences() throws -> Preferences {
            try Preferences(
                language: try #require(LanguageTag(rawValue: "en")), theme: .dark, speed: speed,
                skipBackSeconds: 5,
                skipForwardSeconds: 120, wantsNews: false, currency: nil, country: nil, version: 0)
        }
        if isGood {
            #expect(try preferences().speed == speed)
        } else {
            #expect(throws: PreferenceError.speed) { try preferences() }
        }
    }

    @Test(arguments: [
        (4, 30, PreferenceError.skipBack), (121, 30, .skipBack), (5, 4, .skipForward), (5, 121, .skipForward),
    ])
    func `skips have bounds`(back: Int, forward: Int, expected: PreferenceError) throws {
        let english = try #require(LanguageTag(rawValue: "en"))
        #expect(throws: expected) {
            try Preferences(
                language: english, theme: .dark, speed: 1, skipBackSeconds: back, skipForwardSeconds: forward,
                wantsNews: false, currency: nil, country: nil, version: 0)
        }
    }
}
