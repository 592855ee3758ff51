import Testing

@testable import Simulation

@Suite struct ComparisonTests {
    private let header = ["ticket", "ordinal", "called", "wait_ms", "flags"]
    private let row = ["A001", "1", "2026-11-10T07:31:02.104+07:00", "500", ""]

    @Test func `equal answers have no differences`() {
        var comparison = Comparison(tolerance: 0)
        comparison.visits(truth: [header, row], reported: [header, row])
        comparison.events(truth: ["a", "b"], reported: ["a", "b"])
        #expect(comparison.differences.isEmpty)
    }

    @Test func `every kind of difference is named`() {
        var late = row
        late[2] = "2026-11-10T07:31:02.204+07:00"
        late[3] = "600"
        let more = ["A002", "1", "", "1", ""]
        var strict = Comparison(tolerance: 0)
        strict.visits(truth: [header, row, more], reported: [header, late, ["A003", "1", "", "1", ""]])
        #expect(
            strict.differences == [
                "visit A001 #1: called is 2026-11-10T07:31:02.204+07:00, true is 2026-11-10T07:31:02.104+07:00",
                "visit A001 #1: wait_ms is 600, true is 500", "visit A002 #1: missing", "visit A003 #1: never happened",
            ])
        var patient = Comparison(tolerance: 100)
        patient.visits(truth: [header, row], reported: [header, late])
        #expect(patient.differences.isEmpty)
        late[4] = "suspect"
        patient.visits(truth: [header, row], reported: [header, late])
        #expect(patient.differences == ["visit A001 #1: flags is suspect, true is empty"])
    }

    @Test func `with tolerance events keep their order per device only`() {
        func line(_ at: String, _ device: String, _ kind: String) -> String {
            "{\"at\":\"2026-11-10T07:31:\(at)+07:00\",\"device\":\"\(device)\",\"office\":\"o\",\"kind\":\"\(kind)\"}"
        }
        let truth = [line("02.100", "a", "x"), line("02.101", "b", "y"), line("02.300", "a", "z")]
        let swapped = [line("02.102", "b", "y"), line("02.103", "a", "x"), line("02.330", "a", "z")]
        var comparison = Comparison(tolerance: 50)
        comparison.events(truth: truth, reported: swapped)
        #expect(comparison.differences.isEmpty)
        comparison.events(truth: truth, reported: Array(swapped.dropLast()))
        #expect(comparison.differences == ["events of a: 1, true are 2"])
        var strict = Comparison(tolerance: 0)
        strict.events(truth: truth, reported: swapped)
        #expect(strict.differences.count == 1)
    }

    @Test func `moments are read with their offset`() {
        #expect(Comparison.milliseconds("1970-01-01T07:00:00.001+07:00") == 1)
        #expect(Comparison.milliseconds("1969-12-31T19:00:01.000-05:00") == 1_000)
        #expect(Comparison.milliseconds("served") == nil)
    }
}
