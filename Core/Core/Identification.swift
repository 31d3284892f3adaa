public import Bookshop
public import Lambda
internal import Postgres
public import Records

/// Who sent a request. Nothing is decided from a token before its signature is verified, and no request waits
/// for an identity provider: the keys are in the database, where the relay keeps them fresh.
public struct Identification {
    private let signedIn: (Request) throws -> (Principal, SignIn)

    init(signedIn: @escaping (Request) throws -> (Principal, SignIn)) { self.signedIn = signedIn }

    /// For tests, which say who sends.
    public init(_ principal: @escaping (Request) throws -> Principal) {
        signedIn = { (try principal($0), SignIn(at: nil, session: nil)) }
    }

    private func principal(_ request: Request) throws -> Principal { try signedIn(request).0 }

    /// Whoever is signed in.
    public func customer(_ request: Request) throws -> Principal { try principal(request) }

    /// Whoever is signed in, and since when: for what cannot be undone.
    public func signIn(_ request: Request) throws -> (principal: Principal, signIn: SignIn) {
        try signedIn(request)
    }

    /// Whoever makes the catalogue.
    public func editor(_ request: Request) throws -> Editing {
        Editing(id: try staff(request, .editor).id)
    }

    /// Whoever helps customers with their orders.
    public func support(_ request: Request) throws -> Supporting {
        Supporting(id: try staff(request, .support).id)
    }

    /// Whoever gives money back.
    public func finance(_ request: Request) throws -> Financing {
        Financing(id: try staff(request, .finance).id)
    }

    /// Whoever says what the others may do.
    public func admin(_ request: Request) throws -> Administering {
        Administering(id: try staff(request, .admin).id)
    }

    /// Somebody with at least one of these roles; an admin has them all.
    public func staff(_ request: Request, _ roles: Role...) throws -> Principal {
        let principal = try principal(request)
        guard roles.contains(where: { principal.may(actAs: $0) }) else { throw Problem.forbidden }
        return principal
    }

    /// Who asks, where anybody may. A token that is no good is refused here too: whoever sends one means it
    /// to count.
    public func visitor(_ request: Request) throws -> Principal? {
        try request.hasToken ? principal(request) : nil
    }

    /// Who sees what of the catalogue.
    public func viewer(_ request: Request) throws -> Viewer {
        guard let principal = try visitor(request) else { return .anyone }
        return principal.may(actAs: .editor) ? .editor : .customer(principal.id)
    }

    /// Whether an editor asks, where anybody may. A token that is no good is refused here too: whoever sends
    /// one means it to count.
    public func mayEdit(_ request: Request) throws -> Bool {
        guard request.hasToken else { return false }
        return try principal(request).may(actAs: .editor)
    }
}

extension Request {
    var hasToken: Bool {
        // Clerk empties its cookies to sign out.
        headers["authorization"] != nil
            || cookies.contains { $0.key.hasPrefix("__session") && !$0.value.isEmpty }
    }
}

/// Proof that an editor asked: only `Identification` makes one.
public struct Editing {
    public let id: Editor.ID
    fileprivate init(id: Editor.ID) { self.id = id }
}

/// Proof that somebody of the support asked.
public struct Supporting {
    public let id: Principal.ID
    fileprivate init(id: Principal.ID) { self.id = id }
}

/// Proof that somebody of the finances asked.
public struct Financing {
    public let id: Principal.ID
    fileprivate init(id: Principal.ID) { self.id = id }
}

/// Proof that an admin asked.
public struct Administering {
    public let id: Principal.ID
    fileprivate init(id: Principal.ID) { self.id = id }
}

extension Problem {
    static let unauthenticated = Problem(
        401, "unauthenticated", "Sign in first.", headers: ["www-authenticate": "Bearer"])
    static let forbidden = Problem(403, "forbidden", "Your account may not do this.")
}
