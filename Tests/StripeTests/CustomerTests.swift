import Bookshop
import Foundation
import HTTP
import Stripe
import Testing

@Suite struct CustomerTests {
    private func deleting(_ id: String, answered status: Int, _ body: String) throws -> [Request] {
        var asked: [Request] = []
        try ProviderCustomers.stripe(StripeAPI(secretKey: "sk_test_1")) { request throws(Failure) in
            asked.append(request)
            return Response(status: status, headers: [:], body: Array(body.utf8))
        }.delete(id)
        return asked
    }

    @Test func `a customer is deleted by an id that cannot leave its place`() throws {
        let asked = try deleting("cus_1/../x", answered: 200, #"{"id":"cus_1","deleted":true}"#)
        #expect(asked.map(\.method) == ["DELETE"])
        #expect(asked.map(\.url) == ["https://api.stripe.com/v1/customers/cus_1%2F..%2Fx"])
    }

    @Test func `one that is gone already is no failure, any other refusal is`() throws {
        func refusal(_ code: String) -> String {
            #"{"error":{"type":"invalid_request_error","code":"\#(code)","message":"No such customer"}}"#
        }
        _ = try deleting("cus_1", answered: 404, refusal("resource_missing"))
        #expect(throws: OutsideFailure.self) {
            try deleting("cus_1", answered: 400, refusal("parameter_invalid"))
        }
    }
}
