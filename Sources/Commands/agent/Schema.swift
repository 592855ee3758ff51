import Agent
import ArgumentParser

/// `schema`: what editors need to complete and check a `profile.yaml` while it is written.
struct Schema: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the JSON Schema of profile.yaml, for editors.",
        discussion: """
            deskwatch-agent schema > profile.schema.json, and in the profile's first line:
            # yaml-language-server: $schema=../../profile.schema.json
            """)

    func run() throws {
        print(ProfileSchema.text)
    }
}
