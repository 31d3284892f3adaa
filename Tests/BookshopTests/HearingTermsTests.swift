import Bookshop
import Testing

@Suite struct HearingTermsTests {
    @Test(
        arguments: [
            ("0.006", "20", 6_000_000, 20_000_000_000), ("0", "0", 0, 0),
            ("0.000001", "99999.99", 1000, 99_999_990_000_000),
        ] as [(String, String, Int, Int)])
    func `terms are dollars`(price: String, budget: String, perMinute: Int, most: Int) {
        let terms = HearingTerms(pricePerMinute: price, budget: budget)
        #expect(terms == HearingTerms(nanodollarsPerMinute: perMinute, budgetNanodollars: most))
    }

    @Test(arguments: [
        ("", "20"), ("0.0000001", "20"), ("-1", "20"), ("1e2", "20"), ("0.006", ""), ("0.006", "20.001"),
        ("0.006", "1,5"),
        ("0.006", "٣"),
    ])
    func `what are none are none`(price: String, budget: String) {
        #expect(HearingTerms(pricePerMinute: price, budget: budget) == nil)
    }

    @Test(arguments: [
        (0, 0), (1, 100_000), (1000, 100_000), (1001, 200_000), (60_000, 6_000_000), (600_000, 60_000_000),
    ])
    func `seconds are counted whole`(milliseconds: Int, cost: Int) {
        let span = Span(startMilliseconds: 5, endMilliseconds: 5 + milliseconds)
        #expect(HearingTerms.standard.nanodollars(for: span) == cost)
    }

    @Test func `what is cheaper than a nanodollar a second is rounded up`() {
        let terms = HearingTerms(nanodollarsPerMinute: 1, budgetNanodollars: 0)
        #expect(terms.nanodollars(for: Span(startMilliseconds: 0, endMilliseconds: 1)) == 1)
    }
}
