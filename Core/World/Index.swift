internal import AWS
internal import Core
import Cryptography
import FoundationEssentials
import Glibc
internal import HTTP
internal import OpenSearch

extension PassageProposals {
    /// - `OPENSEARCH_URL`: of the cluster. Nil where it is not set.
    /// - `OPENSEARCH_USER`, `OPENSEARCH_PASSWORD`: who calls it. Without them, requests to a domain of Amazon's are
    ///   signed by `AWS_…`, and others say nothing of who calls
    static func live(_ send: @escaping Send) throws -> PassageProposals? {
        guard var url = Settings.optional("OPENSEARCH_URL") else { return nil }
        if url.hasSuffix("/") { url.removeLast() }
        let address = url.firstMatch(of: /^https?:\/\/([^\/?#@]+)([^?#]*)$/)
        guard let address else { throw MalformedSetting("OPENSEARCH_URL") }
        let host = address.1.prefix { $0 != ":" }
        let pause = { (milliseconds: Int) in _ = poll(nil, 0, Int32(milliseconds)) }
        if let user = Settings.optional("OPENSEARCH_USER") {
            let password = try Settings.required("OPENSEARCH_PASSWORD")
            let proof = "Basic " + Base64.encoded(Array("\(user):\(password)".utf8))
            return .openSearch(base: url, pause: pause) { request throws(Failure) in
                var request = request
                request.headers.append(Header("Authorization", proof))
                return try send(request)
            }
        }
        guard host.hasSuffix(".es.amazonaws.com") else {
            return .openSearch(base: url, pause: pause, send: send)
        }
        let signer = try Signer(.openSearch, in: Region(Settings.required("AWS_REGION")), by: .live())
        return .openSearch(base: url, pause: pause) { request throws(Failure) in
            let signed: HTTP.Request
            do { signed = try signer.signed(request, at: Instant(Date())) } catch {
                throw Failure(.other, "\(error)")
            }
            return try send(signed)
        }
    }
}
