import Foundation

/// Those before the gateway who are believed when they say whom they speak for.
///
/// Each proxy adds the address it was asked from at the end of `X-Forwarded-For`. What stands further left may
/// have been written by anybody, so it is read from the right, and no further than the first address that is
/// not trusted.
public struct TrustedProxies: Sendable {
    private let addresses: Set<String>

    /// Nothing if one of them is no address of IPv4 or IPv6.
    public init?(_ addresses: [String]) {
        let known = addresses.compactMap(Self.canonical)
        guard known.count == addresses.count else { return nil }
        self.addresses = Set(known)
    }

    private init() { addresses = [] }

    /// Nobody: who connects is who asks.
    public static let none = TrustedProxies()

    public var isEmpty: Bool { addresses.isEmpty }

    func contains(_ address: String) -> Bool {
        Self.canonical(address).map(addresses.contains) ?? false
    }

    /// Who asks, where `peer` connected and sent these values of `X-Forwarded-For`, in their order.
    func caller(peer: String, forwarded: [String]) -> String {
        guard contains(peer) else { return peer }
        var caller = peer
        for hop in forwarded.joined(separator: ",").split(separator: ",").reversed() {
            guard let address = Self.canonical(hop.trimmingCharacters(in: .whitespaces)) else { break }
            caller = address
            if !addresses.contains(address) { break }
        }
        return caller
    }

    /// As the system writes it, so that one address has one name; nothing if it is none.
    private static func canonical(_ text: String) -> String? {
        let family = text.contains(":") ? AF_INET6 : AF_INET
        return withUnsafeTemporaryAllocation(byteCount: 16, alignment: 4) { bytes in
            guard inet_pton(family, text, bytes.baseAddress) == 1 else { return nil }
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { name in
                inet_ntop(family, bytes.baseAddress, name.baseAddress, socklen_t(INET6_ADDRSTRLEN))
                    .map { String(cString: $0) }
            }
        }
    }
}
