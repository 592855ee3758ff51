#if canImport(Glibc)
    import Glibc
#endif

/// Where an agent keeps its spool, and what it calls itself, where nobody says.
public enum SpoolPlace {
    /// `$XDG_STATE_HOME/deskwatch/spool`, else `~/.local/state/deskwatch/spool`, else `/var/lib/deskwatch/spool`.
    public static func standard(environment: [String: String]) -> String {
        if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") { return state + "/deskwatch/spool" }
        if let home = environment["HOME"], home.hasPrefix("/") { return home + "/.local/state/deskwatch/spool" }
        return "/var/lib/deskwatch/spool"
    }

    /// The host's name without its domain.
    public static func agentName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "agent" }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let short = name.prefix { $0 != "." }
        return short.isEmpty ? "agent" : String(short)
    }
}
