import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization

/// Server-sent events: a line whenever something new was stored, so that an open page fetches itself again. What is new is
/// asked once a second for all readers together; a reader too many is told to come back and polls meanwhile.
actor News {
    /// A stream ends after this; the browser opens the next.
    static let lifetime: Duration = .seconds(600)

    private let source: any OfficeDaySource
    private let room: Room
    private var asked: ContinuousClock.Instant?
    private var events = 0

    init(source: any OfficeDaySource, readerLimit: Int = 64) {
        self.source = source
        room = Room(seats: readerLimit)
    }

    /// How many events are stored: whatever changes it is news.
    func edition() async -> Int {
        let now = ContinuousClock.now
        if let asked, now - asked < .milliseconds(900) { return events }
        asked = now
        if let offices = try? await source.offices() { events = offices.reduce(0) { $0 &+ $1.events } }
        return events
    }

    nonisolated func stream() -> Response {
        var headers = Pages.guarded([.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"])
        guard let seat = Seat(in: room) else {
            headers[.retryAfter] = "30"
            return Response(status: .serviceUnavailable, headers: headers)
        }
        return Response(
            status: .ok, headers: headers, body: ResponseBody(asyncSequence: Stream(news: self, seat: seat)))
    }

    final class Room: Sendable {
        let free: Mutex<Int>
        init(seats: Int) { free = Mutex(seats) }
    }

    /// One reader; gone when its stream is, however that ended.
    final class Seat: Sendable {
        private let room: Room

        init?(in room: Room) {
            let isFree = room.free.withLock { free in
                if free <= 0 { return false }
                free -= 1
                return true
            }
            if !isFree { return nil }
            self.room = room
        }

        deinit { room.free.withLock { $0 += 1 } }
    }

    struct Stream: AsyncSequence, Sendable {
        let news: News
        let seat: Seat

        func makeAsyncIterator() -> Iterator { Iterator(news: news, seat: seat) }

        struct Iterator: AsyncIteratorProtocol {
            let news: News
            let seat: Seat
            private let start = ContinuousClock.now
            private var told: Int?

            init(news: News, seat: Seat) {
                self.news = news
                self.seat = seat
            }

            mutating func next() async -> ByteBuffer? {
                guard let told else {
                    self.told = await news.edition()
                    return ByteBuffer(string: "retry: 3000\n\n")
                }
                var silence = 0
                while ContinuousClock.now - start < News.lifetime {
                    // A server that is closing does not wait for its readers.
                    guard await News.pause() else { return nil }
                    let edition = await news.edition()
                    if edition != told {
                        self.told = edition
                        return ByteBuffer(string: "data: \(edition)\n\n")
                    }
                    silence += 1
                    // A comment keeps the line open and finds out who has gone.
                    if silence >= 15 { return ByteBuffer(string: ":\n\n") }
                }
                return nil
            }
        }
    }

    /// A second later; `false` when the server closes or the reader has gone.
    private nonisolated static func pause() async -> Bool {
        do {
            try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
            return true
        } catch {
            return false
        }
    }
}
