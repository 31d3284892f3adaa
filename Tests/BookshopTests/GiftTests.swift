import Bookshop
import Foundation
import Testing

@Suite struct GiftTests {
    private let now = Date(timeIntervalSince1970: 1_798_070_400)  // 2026-12-24

    private func wish(
        email: String = "ada@id.test", name: String? = nil, sender: String? = nil, message: String? = nil,
        day: String? = nil
    ) throws(GiftWishError) -> GiftWish {
        try GiftWish(
            recipientEmail: email, recipientName: name, senderName: sender, message: message,
            deliverOn: day.flatMap(Day.init(rawValue:)), now: now)
    }

    @Test func `a wish is what can be written on a gift`() throws {
        let full = try wish(name: "Ada", sender: "Ben", message: "For you,\nBen", day: "2026-12-24")
        #expect(full.recipientEmail.rawValue == "ada@id.test" && full.message == "For you,\nBen")
        #expect(try wish(name: String(repeating: "é", count: 100), day: "2027-12-25").deliverOn != nil)
    }

    @Test func `what is no wish is told by its part`() {
        for email in [
            "", "ada", "ada@", "@id.test", "ada@test", "a b@id.test", "a@b@id.test", "ada@-id.test",
            "a\n@id.test",
        ] {
            #expect(throws: GiftWishError.recipientEmail, "\(email)") { try wish(email: email) }
        }
        for name in ["", " ", "Ada\r\nBcc: all@id.test", String(repeating: "x", count: 101)] {
            #expect(throws: GiftWishError.recipientName) { try wish(name: name) }
            #expect(throws: GiftWishError.senderName) { try wish(sender: name) }
        }
        for message in ["", String(repeating: "x", count: 501), "a\u{0}b"] {
            #expect(throws: GiftWishError.message) { try wish(message: message) }
        }
        #expect(throws: Never.self) { try wish(message: String(repeating: "x", count: 500)) }
        for day in ["2026-12-23", "2027-12-26"] {
            #expect(throws: GiftWishError.deliverOn) { try wish(day: day) }
        }
    }

    @Test func `a code is read as people type it`() {
        let code = GiftCode(of: [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0x55, 0xAA])
        #expect(code.rawValue == "04HMASW9NF6YYNDA" && code.grouped == "04HM-ASW9-NF6Y-YNDA")
        for typed in ["04HMASW9NF6YYNDA", "04hm-asw9-nf6y-ynda", "O4HM ASW9 NF6Y YNDA"] {
            #expect(GiftCode(rawValue: typed) == code)
        }
        #expect(GiftCode(rawValue: "1L1I-0000-0000-0000")?.rawValue == "1111000000000000")
        for typed in ["", "04HM-ASW9-NF6Y-YND", "04HM-ASW9-NF6Y-YNDAA", "04HM-ASW9-NF6Y-YNDU", "04HM_ASW9"] {
            #expect(GiftCode(rawValue: typed) == nil)
        }
    }
}
