import ArgumentParser

@main
struct Main: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deskwatch-sim",
        abstract: "Simulated offices: days on paper, devices on loopback, and the truth to compare with.",
        subcommands: [
            DayCommand.self, LiveCommand.self, CompareCommand.self, ScenariosCommand.self, DeviceCommand.self,
        ])
}
