import Cryptography
import Foundation
import TestSupport

@testable import Core
@testable import users

/// The identity provider as the shop hears it.
struct Provider {
    static let secret = "whsec_" + Base64.encoded([UInt8](repeating: 5, count: 24))
    let subject: String

    func told(
        _ type: String, at milliseconds: Int, email: String? = nil, name: String? = nil,
        isVerified: Bool = true
    ) -> String {
        let address = email.map { email in
            """
            {"id":"idn_1","email_address":"\(email)","verification":{"status":"\(isVerified ? "verified" : "unverified")"}}
            """
        }
        return """
            {"object":"event","type":"user.\(type)","data":{"id":"\(subject)","object":"user",
            "first_name":\(name.map { "\"\($0)\"" } ?? "null"),"last_name":null,"updated_at":\(milliseconds),
            "primary_email_address_id":"idn_1","email_addresses":[\(address ?? "")]}}
            """
    }

    var gone: String {
        #"{"object":"event","type":"user.deleted","data":{"deleted":true,"id":"\#(subject)","object":"user"}}"#
    }

    static func delivery(_ body: String, id: String, secret: String = secret, at: Date = Date()) -> Request {
        let timestamp = Int(at.timeIntervalSince1970)
        let key = Base64.decoded(String(secret.dropFirst(6))) ?? []
        let mac = HMAC.sha256(key: key, message: Array("\(id).\(timestamp).\(body)".utf8))
        return Request(
            "POST /api/v1/webhooks/identity",
            headers: [
                "svix-id": id, "svix-timestamp": "\(timestamp)",
                "svix-signature": "v1,\(Base64.encoded(mac))",
            ], body: Array(body.utf8))
    }
}

extension Shop {
    func answer(_ request: Request) -> Response {
        Lambda.answer(request) { try users($0, in: self, secrets: [Provider.secret]) }
    }

    /// Delivers what the provider tells, under an id of its own.
    @discardableResult
    func hear(_ body: String, id: String = "msg_" + UUID().uuidString.replacing("-", with: "")) -> Response {
        answer(Provider.delivery(body, id: id))
    }
}
