public import Bookshop
import Lambda

/// What an order is placed on: the taxes of the customer's country, and what its law asks them to agree to.
public struct OrderTerms: Hashable, Sendable {
    public let taxRule: TaxRule?
    public let waiver: WithdrawalWaiver?

    public init(taxRule: TaxRule?, waiver: WithdrawalWaiver?) {
        (self.taxRule, self.waiver) = (taxRule, waiver)
    }
}

extension Shop {
    /// The terms of a country, once the customer has agreed to what its law asks for, named by the version of the
    /// text.
    public func terms(in country: Country?, agreedTo version: String?) throws -> OrderTerms {
        let country = country ?? self.country
        if let version, version != WithdrawalWaiver.current.textVersion {
            throw Problem.invalid(
                "/withdrawalWaiver",
                "the version of the text of today, \(WithdrawalWaiver.current.textVersion)")
        }
        guard version != nil || !country.hasEuropeanConsumerLaw else {
            throw Problem(
                409, "waiver-required",
                "Agree to the text of /checkout/terms first: what is listened to at once cannot be returned.")
        }
        return OrderTerms(
            taxRule: try tax.rule(country, now()), waiver: version.map(WithdrawalWaiver.init(textVersion:)))
    }
}
