import Agent
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A capture that is still being written, as a pipe whose end comes with Ctrl-C: whoever reads it waits where a reader of
/// the file would be told that it is over.
final class GrowingFile: @unchecked Sendable {
    private let source: Int32
    private let sink: Int32
    /// Where the bytes come out.
    let path: String

    /// - Parameter isOver: asked ten times a second.
    init(_ name: String, until isOver: @escaping @Sendable () -> Bool) throws(DiskError) {
        source = open(name, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw DiskError("open", name, code: errno) }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw DiskError("pipe", name, code: errno) }
        sink = ends[1]
        path = "/dev/fd/\(ends[0])"
        var thread = pthread_t()
        let job = Unmanaged.passRetained(Job(source: source, sink: sink, isOver: isOver))
        let code = pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            }, job.toOpaque())
        guard code == 0 else {
            job.release()
            throw DiskError("pthread_create", name, code: code)
        }
        pthread_detach(thread)
    }

    private final class Job {
        let source: Int32
        let sink: Int32
        let isOver: @Sendable () -> Bool

        init(source: Int32, sink: Int32, isOver: @escaping @Sendable () -> Bool) {
            self.source = source
            self.sink = sink
            self.isOver = isOver
        }

        func run() {
            defer {
                close(sink)
                close(source)
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = buffer.withUnsafeMutableBytes { read(source, $0.baseAddress, $0.count) }
                if count < 0, errno != EINTR { return }
                guard count > 0 else {
                    if isOver() { return }
                    usleep(100_000)
                    continue
                }
                var done = 0
                while done < count {
                    let wrote = buffer.withUnsafeBytes { write(sink, $0.baseAddress.map { $0 + done }, count - done) }
                    if wrote > 0 { done += wrote } else if errno != EINTR { return }
                }
            }
        }
    }
}
