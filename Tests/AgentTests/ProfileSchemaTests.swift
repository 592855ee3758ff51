import Domain
import Foundation
import Testing

@testable import Agent

struct ProfileSchemaTests {
    private static func schema() throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(ProfileSchema.text.utf8)) as? [String: Any])
    }

    @Test func `every key that the reader knows is described, and no other`() throws {
        let schema = try Self.schema()
        let top = try #require(schema["properties"] as? [String: [String: Any]])
        #expect(Set(top.keys) == Set(ProfileReader.topKeys))
        let rule = try #require(
            (schema["$defs"] as? [String: [String: Any]])?["rule"]?["properties"] as? [String: [String: Any]])
        #expect(Set(rule.keys) == Set(ProfileReader.ruleKeys))
        #expect(top.values.allSatisfy { !$0.isEmpty } && rule.values.allSatisfy { !$0.isEmpty })
    }

    /// An independent judge, where the machine has one: every shipped profile is valid, a misspelt one is not.
    @Test(.enabled(if: hasJudge, "python3 with jsonschema and yaml is not here; skipped"))
    func `shipped profiles are valid by it, and a wrong word is not`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "schema-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("schema.json").path
        try ProfileSchema.text.write(toFile: file, atomically: true, encoding: .utf8)
        let profiles = try ProfileLibrary.folders(below: Corpus.root + "/devices").map { $0 + "/profile.yaml" }
        #expect(Self.judge(file, profiles) == 0)
        #expect(Self.judge(file, [Corpus.path("profiles", "unknown-rule-key")]) == 1)
        #expect(Self.judge(file, [Corpus.path("profiles", "missing-payload-key")]) == 1)
    }

    static let script = """
        import json, sys, yaml, jsonschema
        def plain(x):
            # YAML 1.2 as we read it: 'on' is a word.
            if isinstance(x, dict): return {k: plain(v) for k, v in x.items()}
            if isinstance(x, list): return [plain(v) for v in x]
            if x in ("true", "false"): return x == "true"
            return int(x) if isinstance(x, str) and x.isdigit() else x
        schema = json.load(open(sys.argv[1]))
        for path in sys.argv[2:]:
            try:
                jsonschema.validate(plain(yaml.load(open(path), Loader=yaml.BaseLoader)), schema)
            except jsonschema.ValidationError as error:
                print(path, error.message); sys.exit(1)
        """

    static let hasJudge = run(["-c", "import yaml, jsonschema"]) == 0

    static func judge(_ schema: String, _ profiles: [String]) -> Int32 { run(["-c", script, schema] + profiles) }

    static func run(_ arguments: [String]) -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return -1 }
        process.waitUntilExit()
        return process.terminationStatus
    }
}
