import Capture

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

/// The interfaces that are listened on where none was named.
func standardInterfaces() -> [String] {
    let other = ["lo", "any", "bluetooth", "nflog", "nfqueue", "usbmon", "dbus"]
    let found = LiveCapture.interfaces().filter { name in !other.contains { name.hasPrefix($0) } }
    return found.isEmpty ? ["any"] : found
}

/// Starts a helper for each interface, then gives up every privilege for good; root goes on as `account`.
///
/// Before anything from the network is read, and while the process has one thread. Ends the command if it fails.
func startHelpers(_ interfaces: [String], becoming account: Account?) throws -> [HelperProcess] {
    var helpers: [HelperProcess] = []
    do throws(CaptureError) {
        for name in interfaces { helpers.append(try HelperProcess(interface: name)) }
    } catch {
        throw stop("\(error)", error.exitCode)
    }
    do throws(PrivilegeError) {
        for note in try Privileges.giveUp(becoming: account) { say(note) }
    } catch {
        throw stop("\(error)", Code.system)
    }
    return helpers
}
