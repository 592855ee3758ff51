import ArgumentParser
import Collector
import Glibc

/// A line to standard output at once, also into a pipe: scripts wait for it.
func say(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

func complain(_ line: String) { write("deskwatch-collector: " + line + "\n", to: STDERR_FILENO) }

func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        // A reader that went away (`| head`) wants no more.
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}

/// What the terminal can show: colour only where someone looks at it and nobody said no (no-color.org).
enum Terminal {
    static var hasColour: Bool {
        guard isatty(STDOUT_FILENO) == 1 else { return false }
        if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
        if let term = getenv("TERM"), String(cString: term) == "dumb" { return false }
        return true
    }

    static var width: Int {
        var size = winsize()
        if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        if let columns = getenv("COLUMNS"), let width = Int(String(cString: columns)) { return width }
        return 100
    }
}

/// Runs and turns what went wrong into one line and the documented exit code.
func exiting(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let code as ExitCode {
        throw code
    } catch let error as StoreError {
        complain(error.description)
        switch error {
        case .unusable: throw ExitCode(78)
        case .busy: throw ExitCode(69)
        case .full, .failed: throw ExitCode(1)
        }
    } catch let error as ListenError {
        complain(error.description)
        throw ExitCode(error.code == 13 ? 77 : 69)
    } catch let error as QueryClient.Unavailable {
        complain(error.description)
        throw ExitCode(69)
    } catch let error as QueryError {
        complain(error.description)
        switch error {
        case .usage: throw ExitCode(64)
        case .unknown: throw ExitCode(1)
        }
    } catch {
        complain("\(error)")
        throw ExitCode(1)
    }
}
