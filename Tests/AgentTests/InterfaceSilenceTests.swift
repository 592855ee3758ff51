import Agent
import Domain
import Testing

struct InterfaceSilenceTests {
    private let start = Instant(milliseconds: 1_794_272_400_000)

    @Test func `a silence is told from before it was noticed until it ends`() {
        var silence = InterfaceSilence()
        silence.begin("eth0: down", at: start)
        // Down, then gone: one silence.
        silence.begin("eth0: gone", at: start + 5_000)
        #expect(silence.due(at: start + 10_000) == nil)
        #expect(
            silence.end(at: start + 20_000)
                == .agentGap(from: start - 1_250, until: start + 20_000, reason: "eth0: gone"))
        #expect(silence.end(at: start + 30_000) == nil)
    }

    @Test func `a long one is told in pieces that leave no time out`() {
        var silence = InterfaceSilence()
        silence.begin("eth0: down", at: start)
        #expect(
            silence.due(at: start + 60_000)
                == .agentGap(from: start - 1_250, until: start + 60_000, reason: "eth0: down"))
        #expect(silence.due(at: start + 61_000) == nil)
        #expect(
            silence.end(at: start + 70_000)
                == .agentGap(from: start + 60_000, until: start + 70_000, reason: "eth0: down"))
    }

    @Test func `where nothing was silent there is no gap`() {
        var silence = InterfaceSilence()
        #expect(silence.due(at: start) == nil)
        #expect(silence.end(at: start) == nil)
    }
}
