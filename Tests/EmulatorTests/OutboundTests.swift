import Groundwork
import HTTP
import NIOCore
import NIOPosix
import Testing

@Suite struct OutboundTests {
    @Test func `who asks one that hangs goes when the task is cancelled`() async throws {
        let silent = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(silent.localAddress?.port)
        let asking = Task {
            try await Outbound.send(
                Request("GET", "http://127.0.0.1:\(port)/", timeoutMilliseconds: 60_000, repeatable: false))
        }
        asking.cancel()
        await #expect(throws: CancellationError.self) { try await asking.value }
        try await silent.close()
    }

    @Test func `what nobody answers is told by its reason`() async throws {
        let gone = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(gone.localAddress?.port)
        try await gone.close()
        let failure = await #expect(throws: Failure.self) {
            try await Outbound.send(
                Request("GET", "http://127.0.0.1:\(port)/", timeoutMilliseconds: 5_000, repeatable: false))
        }
        #expect(failure?.kind == .connect)
    }
}
