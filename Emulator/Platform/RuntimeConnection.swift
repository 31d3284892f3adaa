import NIOCore
import NIOHTTP1

struct RuntimeRequest {
    var head: HTTPRequestHead
    /// Empty where it was too large.
    var body: ByteBuffer
    var isTooLarge: Bool
    var trailers: HTTPHeaders?

    var isStreaming: Bool {
        head.headers.first(name: "Lambda-Runtime-Function-Response-Mode")?.lowercased() == "streaming"
    }
}

/// One connection of a runtime. Requests are answered in the order in which they came, so that a client may
/// send its next poll right behind its answer. Lives on the event loop of its environment, and is touched by
/// nobody else, which the compiler cannot see.
final class RuntimeConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    /// 6 MiB and 100 bytes.
    static let answerLimit = 6_291_556
    static let streamLimit = 200 << 20

    private let environment: ExecutionEnvironment
    private var context: ChannelHandlerContext?
    private var partial: RuntimeRequest?
    private var waiting: [RuntimeRequest] = []
    private var isAnswering = false
    private var closesAfterReply = false

    init(_ environment: ExecutionEnvironment) {
        self.environment = environment
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        environment.assumeIsolated { $0.opened(self) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            partial = RuntimeRequest(head: head, body: ByteBuffer(), isTooLarge: false)
            if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
                let go = context.channel.allocator.buffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
                context.writeAndFlush(wrapOutboundOut(go), promise: nil)
            }
        case .body(var bytes):
            add(&bytes)
        case .end(let trailers):
            guard var request = partial else { return }
            partial = nil
            request.trailers = trailers
            waiting.append(request)
            answerNext()
        }
    }

    private func add(_ bytes: inout ByteBuffer) {
        guard var request = partial, !request.isTooLarge else { return }
        partial = nil
        let limit = request.isStreaming ? Self.streamLimit : Self.answerLimit
        if request.body.readableBytes + bytes.readableBytes > limit {
            request.isTooLarge = true
            request.body = ByteBuffer()
        } else if request.body.readableBytes == 0 {
            request.body = bytes
        } else {
            request.body.writeBuffer(&bytes)
        }
        partial = request
    }

    private func answerNext() {
        guard !isAnswering, !waiting.isEmpty else { return }
        isAnswering = true
        let request = waiting.removeFirst()
        closesAfterReply = !request.head.isKeepAlive
        environment.assumeIsolated { $0.receive(request, from: self) }
    }

    /// Answers the request that was handed over last.
    func reply(_ reply: RuntimeReply) {
        guard let context else { return }
        let bytes = reply.encoded(closes: closesAfterReply, allocator: context.channel.allocator)
        isAnswering = false
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        if closesAfterReply {
            context.close(promise: nil)
        } else {
            answerNext()
        }
    }

    func close() {
        context?.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        closesAfterReply = true
        if partial != nil {
            breakOff()
            reply(.refused(400, "TruncatedHTTPRequest", "HTTP request detected as truncated"))
        } else if error is HTTPParserError, !isAnswering {
            reply(.refused(400, "BadRequest", "not HTTP/1.1"))
        } else {
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if partial != nil { breakOff() }
        environment.assumeIsolated { $0.closed(self) }
        context.fireChannelInactive()
    }

    private func breakOff() {
        guard let request = partial else { return }
        partial = nil
        environment.assumeIsolated { $0.truncated(request.head) }
    }
}
