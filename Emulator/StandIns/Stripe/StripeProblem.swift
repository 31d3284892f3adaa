/// An error as Stripe words it: https://docs.stripe.com/api/errors.
struct StripeProblem: Error, Equatable {
    var status: Int
    var type: String
    var code: String?
    var parameter: String?
    var message: String
    var declineCode: String?
    /// What the refused request did all the same: a declined payment is a fact.
    var isKept = false
    /// The payment or setup that was declined, as Stripe shows it beside the error.
    var about: [String: JSON] = [:]

    init(
        status: Int = 400, type: String = "invalid_request_error", code: String? = nil,
        parameter: String? = nil, _ message: String
    ) {
        self.status = status
        self.type = type
        self.code = code
        self.parameter = parameter
        self.message = message
    }

    static func missing(_ kind: String, _ id: String, parameter: String) -> StripeProblem {
        StripeProblem(
            status: 404, code: "resource_missing", parameter: parameter,
            "No such \(kind.replacing("_", with: "").replacing(".", with: " ")): '\(id)'")
    }

    func answer(requestID: String) -> Answer {
        var error: JSON = ["type": .string(type), "message": .string(message)]
        error = error.merging(
            ["code": code, "param": parameter, "decline_code": declineCode].compactMapValues {
                $0.map(JSON.string)
            })
        error = error.merging(about)
        error["request_log_url"] = .string("https://dashboard.stripe.com/test/logs/\(requestID)")
        return .json(status, ["error": error])
    }
}
