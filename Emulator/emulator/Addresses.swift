import Foundation

/// The parts of the emulator that listen, in the order of their ports.
enum Part: Int, CaseIterable, Sendable {
    case gateway
    case invoke
    case storage
    case queue
    case stripe
    case identity
    case openAI
    case bus
    case console

    var name: String {
        switch self {
        case .gateway: "shop"
        case .invoke: "Lambda"
        case .storage: "S3"
        case .queue: "SQS"
        case .stripe: "Stripe"
        case .identity: "identity"
        case .openAI: "OpenAI"
        case .bus: "EventBridge"
        case .console: "console"
        }
    }
}

/// Where each part listens: one port after the other from a base, all on 127.0.0.1.
struct Addresses: Sendable {
    static let host = "127.0.0.1"
    private var ports: [Part: Int] = [:]

    /// Refuses with one line when a port is taken. Base 0 takes any that are free.
    init(base: Int, parts: [Part]) throws(Refusal) {
        guard base == 0 || (1...65_535 - Part.allCases.count + 1).contains(base) else {
            throw Refusal("--port \(base): choose 0 or a number from 1 to \(65_536 - Part.allCases.count).")
        }
        // All are held until all are found, so that no two parts are given the same free port.
        var held: [Int32] = []
        defer { for descriptor in held { close(descriptor) } }
        for part in parts {
            let wanted = base == 0 ? 0 : base + part.rawValue
            switch Self.bound(to: wanted) {
            case .success(let listener):
                held.append(listener.descriptor)
                ports[part] = listener.port
            case .failure(let fault):
                throw Refusal(
                    "Port \(wanted) for \(part.name) cannot be had (\(fault)): choose others with --port N, "
                        + "which takes N to N+\(Part.allCases.count - 1), or --port 0 for any.")
            }
        }
    }

    /// 0 for a part that does not run.
    func port(_ part: Part) -> Int { ports[part] ?? 0 }
    func origin(_ part: Part) -> String { "http://\(Self.host):\(port(part))" }

    private struct Fault: Error, CustomStringConvertible {
        var description = String(cString: strerror(errno)).lowercased()
    }

    private static func bound(to port: Int) -> Result<(descriptor: Int32, port: Int), Fault> {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return .failure(Fault()) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let isBound = bind(descriptor, pointer, length) == 0 && listen(descriptor, 1) == 0
                return isBound && getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard result else {
            let fault = Fault()
            close(descriptor)
            return .failure(fault)
        }
        return .success((descriptor, Int(in_port_t(bigEndian: address.sin_port))))
    }
}
