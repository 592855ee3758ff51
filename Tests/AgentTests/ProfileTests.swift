import Agent
import Domain
import Foundation
import Testing

struct ProfileTests {
    /// A folder of its own with that profile in it.
    private static func folder(_ bytes: [UInt8]) throws -> String {
        let path = NSTemporaryDirectory() + "deskwatch-profile-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/profile.yaml"))
        return path
    }

    @Test(arguments: Corpus.names("profiles"))
    func `a bad profile is refused with file, line and the right words`(name: String) throws {
        let folder = try Self.folder(try Corpus.bytes(Corpus.path("profiles", name)))
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let problems = #expect(throws: FileProblems.self) { try DeviceFolder.load(folder) }
        let got = (problems?.description ?? "").replacingOccurrences(of: folder + "/", with: "")
        #expect(try got == Corpus.expected("profiles", name, got))
    }

    @Test func `there are bad profiles to refuse`() {
        #expect(Corpus.names("profiles").count >= 40)
    }

    @Test func `every shipped folder gives what its samples expect`() throws {
        let library = try ProfileLibrary.load(Corpus.root + "/devices")
        #expect(library.profiles.map(\.id).contains("onvif/generic"))
        for folder in library.folders {
            #expect(folder.warnings == [])
            let outcomes = folder.run()
            #expect(folder.unsampled(outcomes).warnings == [])
            #expect(folder.untried(outcomes) == [])
            for outcome in outcomes { #expect(outcome.problems == [] && !outcome.lines.isEmpty) }
            let saysNothing = folder.profile.rules.allSatisfy { $0.event == nil }
            #expect(saysNothing || outcomes.contains { $0.lines.count > 1 })
        }
    }

    @Test func `a sample that gives other events is told by line`() throws {
        let source = Corpus.root + "/devices/sip/generic"
        let copy = NSTemporaryDirectory() + "deskwatch-sample-" + UUID().uuidString
        try FileManager.default.copyItem(atPath: source, toPath: copy)
        defer { try? FileManager.default.removeItem(atPath: copy) }
        let expected = copy + "/samples/call.expected.jsonl"
        let text = try String(contentsOfFile: expected, encoding: .utf8)
        try text.replacingOccurrences(of: "\"bye\"", with: "\"lost\"")
            .write(toFile: expected, atomically: true, encoding: .utf8)
        let outcomes = try DeviceFolder.load(copy).run()
        #expect(outcomes.filter(\.isDifference).map(\.sample.input) == ["samples/call.txt"])
        #expect(outcomes.first?.problems.map(\.line) == [2])
        #expect(try DeviceFolder.load(copy).run(update: true).allSatisfy { $0.problems.isEmpty })
        #expect(try String(contentsOfFile: expected, encoding: .utf8) == text)
    }

    @Test func `the device folders are found where they are`() throws {
        let root = Corpus.root
        let site = root + "/site.yaml"
        #expect(try ProfileLibrary.locate(environment: ["DESKWATCH_DEVICES": root]) == [root])
        #expect(try ProfileLibrary.locate(siteFile: site, environment: [:]) == [root + "/devices"])
        // What is named comes first, the shipped ones are added once.
        let named = [root + "/Tests", root + "/devices/"]
        #expect(try ProfileLibrary.locate(explicit: named, siteFile: site, environment: [:]) == named)
        #expect(
            try ProfileLibrary.locate(explicit: [root + "/Tests"], siteFile: site, environment: [:])
                == [root + "/Tests", root + "/devices"])
        let problems = #expect(throws: FileProblems.self) { try ProfileLibrary.locate(explicit: ["/nowhere"]) }
        #expect(problems?.description == "/nowhere: no such directory (from --devices)")
    }

    @Test func `a folder whose name is not its profile's id is no library`() throws {
        let root = NSTemporaryDirectory() + "deskwatch-library-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: root + "/acme", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Corpus.root + "/devices/sip/generic", toPath: root + "/acme/phone")
        defer { try? FileManager.default.removeItem(atPath: root) }
        let problems = #expect(throws: FileProblems.self) { try ProfileLibrary.load(root) }
        #expect(
            problems?.description.hasSuffix("id 'sip/generic' stands in folder 'acme/phone'; the two must be the same")
                == true)
    }

    @Test func `directories add to each other, and two meanings of one id are an error that names both`() throws {
        let root = NSTemporaryDirectory() + "deskwatch-library-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: root) }
        let copy = root + "/sip/generic"
        try FileManager.default.createDirectory(atPath: root + "/sip", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Corpus.root + "/devices/sip/generic", toPath: copy)
        let shipped = Corpus.root + "/devices"
        // A copy says the same.
        let both = try ProfileLibrary.load(root, shipped)
        #expect(both.folders.filter { $0.profile.id == "sip/generic" }.map(\.path) == [copy])
        #expect(both.folders.count == (try ProfileLibrary.load(shipped)).folders.count)

        let text = try String(contentsOfFile: copy + "/profile.yaml", encoding: .utf8)
        try text.replacingOccurrences(of: "kind: meeting", with: "kind: network")
            .write(toFile: copy + "/profile.yaml", atomically: true, encoding: .utf8)
        let problems = #expect(throws: FileProblems.self) { try ProfileLibrary.load(root, shipped) }
        #expect(
            problems?.description
                == "\(shipped)/sip/generic/profile.yaml:5: id 'sip/generic' is also that of \(copy)/profile.yaml, "
                + "which says otherwise")
    }

    @Test func `a folder that cannot be used is left out and told, the others are read`() throws {
        let root = NSTemporaryDirectory() + "deskwatch-library-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: root) }
        for (folder, text) in [("good/one", nil), ("bad/one", "id: bad/one\nkinds: queue\n")] as [(String, String?)] {
            let path = root + "/" + folder
            if let text {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                try text.write(toFile: path + "/profile.yaml", atomically: true, encoding: .utf8)
            } else {
                try FileManager.default.createDirectory(atPath: root + "/good", withIntermediateDirectories: true)
                try FileManager.default.copyItem(atPath: Corpus.root + "/devices/sip/generic", toPath: path)
                let profile = try String(contentsOfFile: path + "/profile.yaml", encoding: .utf8)
                try profile.replacingOccurrences(of: "id: sip/generic", with: "id: good/one")
                    .write(toFile: path + "/profile.yaml", atomically: true, encoding: .utf8)
            }
        }
        let library = try ProfileLibrary.loadUsable([root])
        #expect(library.profiles.map(\.id) == ["good/one"])
        #expect(library.leftOut.contains { $0.path == root + "/bad/one/profile.yaml" && $0.line == 2 })
        #expect(throws: FileProblems.self) { try ProfileLibrary.load(root) }
    }
}
