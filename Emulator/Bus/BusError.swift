import Groundwork

/// A refusal in EventBridge's words.
struct BusError: Error, Hashable {
    let name: String
    let message: String

    init(_ name: String, _ message: String) { (self.name, self.message) = (name, message) }

    static func validation(_ message: String) -> BusError { BusError("ValidationException", message) }

    static var tooLarge: BusError {
        validation("Total size of the entries in the request is over the limit.")
    }

    init(_ refusal: SignatureRefusal) {
        switch refusal {
        case .unsigned:
            self.init("MissingAuthenticationTokenException", "Missing Authentication Token")
        case .unknownKey, .invalidToken:
            self.init("UnrecognizedClientException", "The security token included in the request is invalid.")
        case .malformed(let message, _): self.init("IncompleteSignatureException", message)
        case .severalCarriers, .unsupportedMechanism, .missingDate:
            self.init(
                "IncompleteSignatureException", "The request signature does not conform to AWS standards.")
        case .skewed, .expired, .notYetValid:
            self.init("InvalidSignatureException", "Signature expired")
        case .wrongService:
            self.init(
                "InvalidSignatureException", "Credential should be scoped to correct service: 'events'.")
        case .wrongRegion(let region, _):
            self.init(
                "InvalidSignatureException",
                "Credential should be scoped to a valid region, not '\(region)'.")
        default:
            self.init(
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. Check your AWS "
                    + "Secret Access Key and signing method. Consult the service documentation for details.")
        }
    }
}
