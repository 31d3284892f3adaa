public import Foundation

/// Why a signature was not believed. Each protocol has its own words for these.
public enum SignatureRefusal: Error, Sendable {
    case unsigned
    case severalCarriers
    case unsupportedMechanism
    /// What is wrong with the authorization, and where it stood.
    case malformed(String, in: SignatureCarrier)
    case wrongRegion(String, in: SignatureCarrier)
    case wrongService(String, in: SignatureCarrier)
    case unknownKey(String)
    case invalidToken
    case missingDate
    case missingSignedHeaders([String])
    case unsignedHeaders([String])
    case skewed(requested: String, now: Date)
    case notYetValid
    case expired(expiry: Date, seconds: Int, now: Date)
    case unknownPayload(String)
    case mismatch(SignatureMismatch)
}

/// What the server signed, for a client to compare with what it did.
public struct SignatureMismatch: Sendable {
    public let accessKeyID: String
    public let stringToSign: String
    public let signatureProvided: String
    public let canonicalRequest: String
}

public enum SignatureCarrier: Sendable { case header, query }
