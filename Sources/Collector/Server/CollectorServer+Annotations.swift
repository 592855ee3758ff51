import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

extension CollectorServer {
    /// `POST /api/v1/annotations` with an ``AnnotationDraft``, `POST /api/v1/annotations/retract` with an
    /// ``AnnotationRetraction``, both as JSON. (What there is: `GET /api/v1/annotations`.)
    ///
    /// Only `application/json` is taken: a page from elsewhere cannot send that without asking first (CORS), and nobody
    /// answers such a question here.
    func registerAnnotations(on router: Router<BasicRequestContext>) {
        router.post("/api/v1/annotations") { request, _ in
            await self.write(request, AnnotationDraft.self) { try await self.annotator.annotate($0).json }
        }
        router.post("/api/v1/annotations/retract") { request, _ in
            await self.write(request, AnnotationRetraction.self) {
                let annotation = try await self.annotator.retract($0)
                return "{\"id\":" + jsonString(annotation.id) + ",\"retracted\":true,\"text\":"
                    + jsonString(annotation.text)
                    + "}"
            }
        }
    }

    private func write<Body: Decodable & Sendable>(
        _ request: Request, _ type: Body.Type, _ body: (Body) async throws -> String
    ) async -> Response {
        do {
            let contentType = request.headers[.contentType] ?? ""
            guard contentType.lowercased().hasPrefix("application/json") else {
                return CollectorServer.text("send application/json\n", status: .unsupportedMediaType)
            }
            let buffer = try await request.body.collect(upTo: 16_384)
            let value: Body
            do {
                value = try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
            } catch {
                throw QueryError.usage("this is not the JSON of an annotation: office, from, until and text are needed")
            }
            return CollectorServer.response(try await body(value) + "\n", Output.json.contentType)
        } catch let error as QueryError {
            switch error {
            case .usage: return CollectorServer.text("\(error)\n", status: .badRequest)
            case .unknown: return CollectorServer.text("\(error)\n", status: .notFound)
            }
        } catch is NIOTooManyBytesError {
            return CollectorServer.text("at most 16384 bytes\n", status: .contentTooLarge)
        } catch {
            logger.warning("annotation: \(error)")
            return CollectorServer.text("the annotation was not kept: \(error)\n", status: .serviceUnavailable)
        }
    }
}
