import Testing

@testable import ArgyleRelay

@Suite("How descriptors are shared out", .timeLimit(.minutes(5)))
struct DescriptorBudgetTests {
    @Test("so many are kept back, and the ingress gets what it wants of the rest")
    func places() {
        let usual = DescriptorBudget(limit: 1024, loops: 2)
        #expect(usual.reserve == 198 && usual.places(of: 1024) == 826 && usual.places(of: 500) == 500)
        #expect(DescriptorBudget(limit: 1 << 20, loops: 64).places(of: 1024) == 1024)
    }

    @Test("what does not fit is told with both numbers and what to do, and what fits is not told")
    func shortfall() throws {
        let budget = DescriptorBudget(limit: 1024, loops: 2)
        let shortfall = try #require(budget.shortfall(of: 1024))
        #expect(shortfall.contains("http.max_connections is 1024") && shortfall.contains("1024 open files") && shortfall.contains("826"))
        #expect(budget.remedy(for: 1024).contains("1222") && budget.remedy(for: 1024).contains("LimitNOFILE"))
        #expect(budget.shortfall(of: 826) == nil)
    }

    @Test("doctor compares http.max_connections with the limit")
    func finding() {
        func verdict(_ limit: Int) -> Finding.Verdict {
            DescriptorCheck(budget: DescriptorBudget(limit: limit, loops: 2)).finding(maxConnections: 1024).verdict
        }
        #expect(verdict(213) == .failed && verdict(214) == .warning && verdict(1221) == .warning && verdict(1222) == .ok)
    }
}
