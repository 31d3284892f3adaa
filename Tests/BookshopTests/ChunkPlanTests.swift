import Bookshop
import Testing

@Suite struct ChunkPlanTests {
    private func chunks(_ milliseconds: Int) -> [Span] {
        ChunkPlan.standard.chunks(of: Span(startMilliseconds: 0, endMilliseconds: milliseconds))
    }

    @Test(arguments: [
        (1, 1), (600_000, 1), (600_001, 2), (1_160_000, 2), (1_160_001, 3), (36_000_000, 63),
    ])
    func `a recording is cut into as few pieces as may be`(duration: Int, count: Int) {
        #expect(chunks(duration).count == count)
    }

    @Test func `pieces are of one length`() {
        #expect(chunks(600_002).map(\.durationMilliseconds) == [300_001, 300_001])
        #expect(Set(chunks(36_000_001).map(\.durationMilliseconds)) == [571_428, 571_429])
    }

    @Test func `a file in the middle of a book is cut where it plays`() {
        let file = Span(startMilliseconds: 1_000_000, endMilliseconds: 1_700_000)
        #expect(ChunkPlan.standard.chunks(of: file).map(\.startMilliseconds) == [1_000_000, 1_350_000])
    }

    @Test func `every millisecond is in one piece, and none is too long, wherever its cuts are moved to`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let plan = ChunkPlan(limitMilliseconds: Int.random(in: 1...600_000, using: &random))
            let start = Int.random(in: 0...20_000_000, using: &random)
            let most = min(20_000_000, plan.limitMilliseconds * 1000)
            let whole = Span(
                startMilliseconds: start, endMilliseconds: start + Int.random(in: 1...most, using: &random))
            let chunks = plan.chunks(of: whole)
            let cuts = chunks.dropFirst().map {
                $0.startMilliseconds
                    + Int.random(in: -plan.leewayMilliseconds...plan.leewayMilliseconds, using: &random)
            }
            for borders in [chunks.dropFirst().map(\.startMilliseconds), cuts] {
                let all = [whole.startMilliseconds] + borders + [whole.endMilliseconds]
                let lengths = zip(all, all.dropFirst()).map { $1 - $0 }
                #expect(
                    lengths.allSatisfy { (1...plan.limitMilliseconds).contains($0) },
                    "\(whole) by \(plan): \(lengths)")
            }
            #expect(zip(chunks, chunks.dropFirst()).allSatisfy { $0.endMilliseconds == $1.startMilliseconds })
            #expect(chunks.first?.startMilliseconds == whole.startMilliseconds)
            #expect(chunks.last?.endMilliseconds == whole.endMilliseconds)
        }
    }

    @Test func `a piece of ten minutes is no larger than a service takes`() {
        let bytes = [UInt8](repeating: 0, count: 600 * Sound.bytesPerSecond)
        let longest = Sound(startMilliseconds: 0, bytes: bytes)
        #expect(longest.wave(of: longest.span).count < 24 * 1024 * 1024)
    }
}
