/// Names that nobody can guess, in the alphabet that Stripe and Clerk use for theirs.
enum RandomID {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    static func make(_ prefix: String, length: Int) -> String {
        prefix + String(decoding: (0..<length).map { _ in alphabet.randomElement()! }, as: UTF8.self)
    }
}
