/// That the customer wants the download at once and knows that the right of withdrawal ends with it
/// (Directive 2011/83/EU, Art. 16 (m)), by the version of the text shown.
public struct WithdrawalWaiver: Hashable, Sendable {
    public let textVersion: String
    public init(textVersion: String) { self.textVersion = textVersion }

    /// What is to be agreed to now. A new text is a new version, and the old one stays with the orders that
    /// were placed on it.
    public static let current = WithdrawalWaiver(textVersion: "2026-07")
    public static let currentText = """
        I ask that the audiobooks be made available to me at once, before the fourteen days within which I may \
        withdraw from the contract have passed. I know that my right of withdrawal ends as soon as I can listen to or \
        download them.
        """
}
