import Foundation
import Simulation

/// The scenarios of this checkout, wherever the tests run.
enum TestScenarios {
    static var root: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    static func load(_ name: String) throws -> Scenario {
        try ScenarioFile.load(path: root.appendingPathComponent("sim/scenarios/\(name).yaml").path)
    }
}
