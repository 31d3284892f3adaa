public import FoundationEssentials

/// Somebody the shop knows, with what is told of them and what they chose.
public struct Person: Hashable, Sendable {
    public typealias ID = Principal.ID
    public let id: ID
    public let email: String?
    public let isEmailVerified: Bool
    /// As the provider says it.
    public let name: String?
    /// As they want to be called here.
    public let displayName: String?
    public let roles: Set<Role>
    public let createdAt: Date
    /// Of what is told and chosen.
    public let version: Int
    public let rolesVersion: Int
    public let erasedAt: Date?

    public init(
        id: ID, email: String?, isEmailVerified: Bool, name: String?, displayName: String?, roles: Set<Role>,
        createdAt: Date, version: Int, rolesVersion: Int, erasedAt: Date?
    ) {
        (self.id, self.email, self.isEmailVerified, self.name) = (id, email, isEmailVerified, name)
        (self.displayName, self.roles, self.createdAt) = (displayName, roles, createdAt)
        (self.version, self.rolesVersion, self.erasedAt) = (version, rolesVersion, erasedAt)
    }
}

/// How somebody wants to be called: one line, without blanks at its ends.
public struct DisplayName: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public static let maximumLength = 100

    public init?(rawValue: String) {
        let scalars = rawValue.unicodeScalars
        guard (1...Self.maximumLength).contains(scalars.count), let first = scalars.first,
            let last = scalars.last,
            !first.properties.isWhitespace, !last.properties.isWhitespace,
            scalars.allSatisfy({ Self.isText($0) })
        else { return nil }
        self.rawValue = rawValue
    }

    /// Not what turns the direction of the text around it, or breaks its line.
    private static func isText(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        case .format: scalar == "\u{200D}" || scalar == "\u{200C}"
        default: true
        }
    }
}

/// Why somebody's account is not changed.
public enum PersonError: Error, Equatable {
    case noSuchPerson
    case changedMeanwhile
    case forbidden
    case erased
    /// An admin takes that role from others alone, so that there is always one.
    case ownRole
    case lastAdmin
    case unsettled(Unsettled)

    /// What must come to its end before somebody can be forgotten.
    public enum Unsettled: String, CaseIterable, Sendable {
        case orderPending = "order-pending"
        case disputeOpen = "dispute-open"
    }
}
