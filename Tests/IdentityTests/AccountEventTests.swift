import Identity
import Testing

@Suite struct AccountEventTests {
    /// As Clerk documents it (clerk.com/docs/webhooks/overview), shortened.
    private func event(_ type: String, _ data: String) throws -> AccountEvent {
        try AccountEvent(
            Array(
                """
                {"data":\(data),"object":"event","type":"\(type)","timestamp":1654012591835,
                "instance_id":"ins_123","event_attributes":{"http_request":{"client_ip":"0.0.0.0"}}}
                """.utf8))
    }

    private let user = """
        {"id":"user_29w83sx","object":"user","first_name":"Ada","last_name":"Lovelace","username":null,
        "created_at":1654012591514,"updated_at":1654012591835,"primary_email_address_id":"idn_2",
        "public_metadata":{"a":[{"b":{}}]},"email_addresses":[
        {"id":"idn_1","email_address":"old@example.org","verification":{"status":"verified","strategy":"ticket"}},
        {"id":"idn_2","email_address":"ada@example.org","verification":{"status":"verified"}}]}
        """

    private func told(_ change: AccountEvent.Change) -> AccountFact? {
        if case .told(let fact) = change { fact } else { nil }
    }

    @Test(arguments: ["user.created", "user.updated"])
    func `an account is told of with its first address and both names`(type: String) throws {
        let event = try event(type, user)
        let fact = try #require(told(event.change))
        #expect(event.subject == "user_29w83sx" && event.type == type)
        #expect(fact.subject == "user_29w83sx" && fact.email == "ada@example.org" && fact.isEmailVerified)
        #expect(fact.name == "Ada Lovelace" && fact.updatedAtMilliseconds == 1_654_012_591_835)
    }

    @Test func `an account may have no address, none that is verified, and no name`() throws {
        let bare = """
            {"id":"u","updated_at":1,"email_addresses":[{"id":"x","email_address":"a@b.c"}],
            "primary_email_address_id":null,"first_name":null,"last_name":""}
            """
        let fact = try #require(told(event("user.created", bare).change))
        #expect(fact.email == nil && !fact.isEmailVerified && fact.name == nil)
        let open = bare.replacing("null,\"first_name\":null", with: "\"x\",\"first_name\":\"Ada\"")
        let other = try #require(told(event("user.created", open).change))
        #expect(other.email == "a@b.c" && !other.isEmailVerified && other.name == "Ada")
    }

    @Test func `an account is gone`() throws {
        let gone = try event("user.deleted", #"{"deleted":true,"id":"user_1","object":"user"}"#)
        #expect(gone.change == .gone(subject: "user_1"))
        #expect(try event("user.deleted", #"{"deleted":true}"#).change == .unreadable("id"))
    }

    @Test func `what is not about accounts does not concern us`() throws {
        #expect(try event("session.created", #"{"id":"sess_1"}"#).change == .other)
        #expect(try event("user.tickled", "{}").change == .other)
    }

    @Test(arguments: [
        (#""updated_at":1654012591835"#, #""updated_at":"now""#, "updated_at"),
        (#""updated_at":1654012591835"#, #""updated_at":0"#, "updated_at"),
        (#""id":"user_29w83sx""#, #""id":7"#, "id"),
        (#""id":"user_29w83sx""#, #""id":"a\u0000b""#, "id"),
        (#""email_addresses":["#, #""email_addresses":7,"other":["#, "email_addresses"),
    ])
    func `what cannot be understood is told by its member`(part: String, wrong: String, member: String) throws
    {
        #expect(try event("user.updated", user.replacing(part, with: wrong)).change == .unreadable(member))
    }

    @Test(arguments: [
        "", "7", "[]", "{}", #"{"type":"user.created","data":{}}"#, #"{"object":"event","data":{}}"#,
        #"{"object":"event","type":"user.created"}"#, #"{"object":"event","type":"","data":{}}"#,
        #"{"object":"event","type":"user.created","data":[]}"#,
        #"{"object":"event","type":"a","type":"user.deleted","data":{"id":"u"}}"#,
    ])
    func `what is no event is nothing`(body: String) {
        #expect(throws: IdentityError.malformedEvent) { try AccountEvent(Array(body.utf8)) }
    }
}
