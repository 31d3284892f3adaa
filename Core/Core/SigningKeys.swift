internal import Bookshop
import Lambda
internal import Postgres
internal import Records

extension Shop {
    /// Fetches the keys by which tokens are verified, when somebody met an unknown one or an hour has passed,
    /// and never more often than once in ten seconds, so that forged key ids cannot make us knock at the
    /// provider's door.
    public func refreshSigningKeys() throws {
        let issuer = issuerURL
        let isOurs = try database.transaction(.readCommitted) {
            try $0.claimSigningKeyRefresh(of: issuer, floorSeconds: 10, maximumAgeSeconds: 3600)
        }
        guard isOurs else { return }
        let keys = try self.issuer.signingKeys()
        try database.transaction { try $0.store(keys, of: issuer) }
        log("signing keys fetched", ["keys": keys.count])
    }
}
