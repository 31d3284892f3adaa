extension Lambda {
    /// The answer to a request, exactly as it is given live: every error becomes a problem, so that the
    /// platform never sees one fail; what is not part of the API is logged in full and told in nothing.
    public static func answer(_ request: Request, with handler: (Request) throws -> Response) -> Response {
        let start = ContinuousClock.now
        request.tellKind()
        let response: Response
        do { response = try handler(request) } catch {
            response = Response(refusal(of: request, for: error))
        }
        Telling.status(response.statusCode)
        log(
            "request",
            [
                "route": request.route, "status": response.statusCode,
                "milliseconds": milliseconds(start.duration(to: .now)),
            ])
        return response
    }

    static func refusal(of request: Request, for error: any Error) -> Problem {
        var problem = Problem(reporting: error)
        problem.instance = request.path
        problem.requestID = request.invocation.id
        if !(error is any ProblemConvertible) {
            logFailure("unexpected error", error)
            Telling.fault(error)
        } else if problem.status >= 500 {
            log("unable to serve", ["problem": problem.type, "detail": problem.detail], level: .warning)
        }
        return problem
    }
}

extension Request {
    /// By its route: what stands in a path, a query or a header may be somebody's.
    func tellKind() {
        Telling.kind(
            route, .server, ["http.request.method": .text(method), "http.route": .text(route)])
    }
}

/// To a tenth.
func milliseconds(_ duration: Duration) -> Double { (duration / .milliseconds(1) * 10).rounded() / 10 }

/// An error that nobody foresaw, with all that it says of itself. Adapters keep values out of their errors.
func logFailure(_ message: StaticString, _ error: any Error, level: LogLevel = .error) {
    log(
        message, ["type": String(describing: type(of: error)), "error": String(describing: error)],
        level: level)
}
