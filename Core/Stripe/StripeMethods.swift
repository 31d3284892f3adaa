public import Bookshop
internal import FoundationEssentials
public import HTTP

extension StripeAPI {
    /// https://docs.stripe.com/api/customers/create. Nothing of the person but our own name for them: so the same
    /// key asks for the same thing whatever they change about themselves.
    public func makeCustomer(_ customer: Customer.ID, key: String) -> Request {
        var form = Form()
        form.add("metadata[user_id]", customer.description)
        return post("customers", form, key: key)
    }

    /// https://docs.stripe.com/api/customers/delete
    public func deleteCustomer(_ id: String) -> Request { delete("customers/\(Percent.encode(id))") }

    /// https://docs.stripe.com/api/setup_intents/create
    public func setUp(_ customer: String) -> Request {
        var form = Form()
        form.add("customer", customer)
        form.add("automatic_payment_methods[enabled]", "true")
        form.add("usage", "on_session")
        return post("setup_intents", form, key: nil)
    }

    /// https://docs.stripe.com/api/payment_methods/customer_list
    public func methods(of customer: String) -> Request {
        get("customers/\(Percent.encode(customer))/payment_methods?limit=100")
    }

    /// https://docs.stripe.com/api/payment_methods/retrieve
    public func method(_ id: String) -> Request { get("payment_methods/\(Percent.encode(id))") }

    /// https://docs.stripe.com/api/payment_methods/detach
    public func forget(_ method: String) -> Request {
        post("payment_methods/\(Percent.encode(method))/detach", Form(), key: nil)
    }
}

extension SavedMethods {
    public static func stripe(_ api: StripeAPI, send: @escaping Send) -> SavedMethods {
        SavedMethods(
            customer: { customer, key in
                try answer(to: api.makeCustomer(customer, key: key), as: Named.self, send).id
            },
            setUp: { customer in
                let made = try answer(to: api.setUp(customer), as: SetupObject.self, send)
                return MethodSetup(id: made.id, clientSecret: made.clientSecret)
            },
            all: { customer in
                try answer(to: api.methods(of: customer), as: MethodList.self, send).data.map(\.method)
            },
            method: { id in
                do throws(OutsideFailure) {
                    return try answer(to: api.method(id), as: MethodObject.self, send).method
                } catch {
                    guard error.code == "resource_missing" else { throw error }
                    return nil
                }
            },
            forget: { _ = try answer(to: api.forget($0), as: Named.self, send) })
    }
}

extension ProviderCustomers {
    public static func stripe(_ api: StripeAPI, send: @escaping Send) -> ProviderCustomers {
        ProviderCustomers(delete: { customer in
            do throws(OutsideFailure) {
                _ = try answer(to: api.deleteCustomer(customer), as: Named.self, send)
            } catch { guard error.code == "resource_missing" else { throw error } }
        })
    }
}

private struct Named: Decodable { let id: String }

private struct SetupObject: Decodable {
    let id: String
    let clientSecret: String

    private enum CodingKeys: String, CodingKey {
        case id
        case clientSecret = "client_secret"
    }
}

private struct MethodList: Decodable { let data: [MethodObject] }

/// A payment method as Stripe writes it, as far as anybody may read it.
private struct MethodObject: Decodable {
    let method: SavedMethod

    private enum CodingKeys: String, CodingKey { case id, type, customer, card, debit = "sepa_debit" }

    private struct Card: Decodable {
        let brand: String
        let last4: String
        let month: Int
        let year: Int

        private enum CodingKeys: String, CodingKey {
            case brand, last4
            case month = "exp_month"
            case year = "exp_year"
        }
    }

    private struct Debit: Decodable { let last4: String? }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let card = try fields.decodeIfPresent(Card.self, forKey: .card)
        let debit = try fields.decodeIfPresent(Debit.self, forKey: .debit)
        method = SavedMethod(
            id: try fields.decode(String.self, forKey: .id),
            customer: try fields.decodeIfPresent(Reference.self, forKey: .customer)?.id,
            brand: try card?.brand ?? fields.decode(String.self, forKey: .type),
            last4: card?.last4 ?? debit?.last4 ?? "", expiryMonth: card?.month, expiryYear: card?.year)
    }
}
