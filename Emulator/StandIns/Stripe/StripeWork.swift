import Foundation

/// What one request reads and changes. Nothing of it is seen by others before all of it is on the disk.
struct StripeWork {
    private let objects: DurableObjects
    private var written: [DurableObjects.Key: JSON] = [:]
    private var order: [DurableObjects.Key] = []
    private(set) var events: [String] = []

    let now: Int
    /// The stand-in's own `http://127.0.0.1:port`.
    let address: String
    let apiVersion: String
    /// The request that causes the events; none for what time causes.
    let request: (id: String, idempotencyKey: String?)?
    private let deliversEvents: Bool
    /// How long a payment of the slow kind is on its way.
    let settlementSeconds: Int

    init(
        over objects: DurableObjects, now: Date, address: String, apiVersion: String,
        request: (id: String, idempotencyKey: String?)?, deliversEvents: Bool, settlementSeconds: Int
    ) {
        self.objects = objects
        self.now = Int(now.timeIntervalSince1970)
        self.address = address
        self.apiVersion = apiVersion
        self.request = request
        self.deliversEvents = deliversEvents
        self.settlementSeconds = settlementSeconds
    }

    var changes: [DurableObjects.Change] {
        order.map { DurableObjects.Change(key: $0, value: written[$0]) }
    }

    func object(_ kind: String, _ id: String) -> JSON? {
        written[DurableObjects.Key(kind: kind, id: id)] ?? objects[kind, id]
    }

    func object(_ kind: String, _ id: String, parameter: String) throws(StripeProblem) -> JSON {
        // What was deleted is shown to who asks for it, and is otherwise gone.
        guard let object = object(kind, id), object["deleted"].bool != true else {
            throw .missing(kind, id, parameter: parameter)
        }
        return object
    }

    /// The newest first, as Stripe lists them.
    func all(_ kind: String) -> [JSON] {
        let fresh = order.filter { $0.kind == kind && objects[kind, $0.id] == nil }.map(\.id)
        return (objects.ids(of: kind) + fresh).reversed().compactMap { object(kind, $0) }
    }

    /// Under its own `object` and `id`.
    mutating func put(_ object: JSON) {
        guard let kind = object["object"].string, let id = object["id"].string else {
            preconditionFailure("an object of Stripe's names its kind and its id")
        }
        put(object, kind: kind, id: id)
    }

    mutating func put(_ value: JSON, kind: String, id: String) {
        let key = DurableObjects.Key(kind: kind, id: id)
        if written.updateValue(value, forKey: key) == nil { order.append(key) }
    }

    /// Writes down that something happened, with the object as it is now.
    mutating func emit(_ type: String, _ object: JSON, previously: JSON = .null) {
        var data: JSON = ["object": object]
        if !previously.isNull { data["previous_attributes"] = previously }
        let id = RandomID.make("evt_1", length: 23)
        put([
            "id": .string(id), "object": "event", "account": "acct_earshelf_local",
            "api_version": .string(apiVersion), "created": .integer(now), "data": data, "livemode": false,
            "pending_webhooks": deliversEvents ? 1 : 0,
            "request": [
                "id": JSON(request?.id), "idempotency_key": JSON(request?.idempotencyKey),
            ],
            "type": .string(type),
        ])
        guard deliversEvents else { return }
        put(["attempts": 0], kind: "delivery", id: id)
        events.append(id)
    }
}
