import ArgumentParser
import Capture

/// `capture-helper`: the one process that may capture. `run`, `decode -i` and `discover` start it for themselves.
struct CaptureHelperCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: HelperProcess.command,
        abstract: "Copy frames of an interface to standard output, for an agent that may not capture itself.",
        discussion: """
            Opens the interface, gives up every capability but CAP_NET_RAW (an interface that comes back is opened again), \
            becomes --user if it is root, confines itself by seccomp, and writes frames as records with a small header. \
            It reads no byte of them. Ends with 0 once nobody reads them. Exit codes: 67 no such user, 69 no such interface, 70 the \
            agent on standard input is none, 71 the system refuses, 74 standard output cannot be written, 77 capturing is \
            not permitted, 78 no filter is understood.
            """)

    @Option(name: [.customShort("i"), .long], help: ArgumentHelp("The interface, or 'any'.", valueName: "if"))
    var interface: String

    @Option(
        help: ArgumentHelp(
            "Only frames that pass; of several the first that fits the link type.", valueName: "expression"))
    var filter: [String] = []

    @Option(help: ArgumentHelp("Become this user if started as root. Default: nobody.", valueName: "name"))
    var user: String?

    @Option(
        help: ArgumentHelp(
            "The process that started it: asked for the filter on standard input, and not outlived.", valueName: "pid"))
    var agent: Int32?

    func validate() throws {
        guard agent != nil || !filter.isEmpty else {
            throw ValidationError("--filter is needed where no agent is asked for one")
        }
    }

    func run() throws {
        if agent == nil, isTerminal {
            throw stop("frames are not for a terminal: redirect standard output", Code.usage)
        }
        var options = CaptureHelper.Options(interface: interface)
        options.filters = filter
        options.user = user
        options.parent = agent
        let code = CaptureHelper.run(options, note: say)
        if code != 0 { throw ExitCode(code) }
    }
}
