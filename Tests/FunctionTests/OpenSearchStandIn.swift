import Core
import Foundation
import HTTP
import OpenSearch

/// OpenSearch, as far as the shop asks anything of it: by its documented protocol, held in memory. What it does not know it
/// refuses. It knows no stems: words that begin with the same four letters are one to it. So it proposes too much, and what
/// is right is still what the records say.
final class OpenSearchStandIn {
    private struct Document {
        var version: Int
        var fields: [String: Any]
    }

    /// Of every call what it was: `POST _search`.
    private(set) var calls: [String] = []
    /// What it answers instead, as long as it says something.
    var fault: (_ call: String, HTTP.Request) throws -> HTTP.Response? = { _, _ in nil }
    private var fields: Set<String>?
    private var documents: [String: Document] = [:]
    /// What a search sees: all that was there at the last refresh.
    private var visible: [String: Document] = [:]

    var ids: [String] { documents.keys.sorted() }

    func lose() { (fields, documents, visible) = (nil, [:], [:]) }

    var proposals: PassageProposals {
        .openSearch(base: "https://search.test", pause: { _ in }) { request throws(Failure) in
            do { return try self.answer(request) } catch {
                throw error as? Failure ?? Failure(.other, "\(error)")
            }
        }
    }

    private func answer(_ request: HTTP.Request) throws -> HTTP.Response {
        let url = URL(string: request.url)!
        let path = url.pathComponents.dropFirst()
        let call = path.count > 1 ? "\(request.method) \(path.last!)" : request.method
        calls.append(call)
        if let answer = try fault(call, request) { return answer }
        let name = path.first ?? ""
        guard call != "PUT" else {
            guard name == "earshelf-passages-1-index", fields == nil else {
                return refusal("resource_already_exists_exception", 400)
            }
            let body = try object(request.body)
            let mappings = body["mappings"] as! [String: Any]
            fields = Set((mappings["properties"] as! [String: Any]).keys)
            return try json(["acknowledged": true, "shards_acknowledged": true, "index": name])
        }
        guard let fields, name == "earshelf-passages-1" else {
            return refusal("index_not_found_exception", 404)
        }
        switch call {
        case "HEAD": return Response(status: 200)
        case "POST _refresh":
            visible = documents
            return try json(["_shards": ["total": 1, "successful": 1, "failed": 0]])
        case "POST _bulk": return try bulk(request, fields)
        case "POST _delete_by_query": return try delete(request)
        case "POST _search": return try search(request)
        default: return refusal("illegal_argument_exception", 400)
        }
    }

    private func bulk(_ request: HTTP.Request, _ fields: Set<String>) throws -> HTTP.Response {
        let isNDJSON = request.headers.contains(Header("Content-Type", "application/x-ndjson"))
        guard isNDJSON, request.body.last == 10, request.url.hasSuffix("?require_alias=true") else {
            return refusal("illegal_argument_exception", 400)
        }
        let lines = try request.body.split(separator: 10).map { try object(Array($0)) }
        var items: [[String: Any]] = []
        for start in stride(from: 0, to: lines.count, by: 2) {
            let action = lines[start]["index"] as! [String: Any], document = lines[start + 1]
            let (id, version) = (action["_id"] as! String, action["version"] as! Int)
            let error: (String, Int)? =
                if action["version_type"] as? String != "external" {
                    ("illegal_argument_exception", 400)
                } else if let known = documents[id], known.version >= version {
                    ("version_conflict_engine_exception", 409)
                } else if !fields.isSuperset(of: document.keys) {
                    ("strict_dynamic_mapping_exception", 400)
                } else { nil }
            if let (type, status) = error {
                let error = ["type": type, "reason": "r"]
                items.append(["index": ["_id": id, "status": status, "error": error]])
            } else {
                documents[id] = Document(version: version, fields: document)
                items.append(["index": ["_id": id, "_version": version, "status": 201]])
            }
        }
        let failed = items.contains { ($0["index"] as! [String: Any])["error"] != nil }
        return try json(["took": 1, "errors": failed, "items": items])
    }

    private func delete(_ request: HTTP.Request) throws -> HTTP.Response {
        let query = try object(request.body)["query"] as! [String: Any]
        let found = try visible.filter { try holds(query, of: $0.value.fields) }
        // One that was written meanwhile is a conflict, with which it goes on.
        let gone = found.filter { documents[$0.key]?.version == $0.value.version }
        for id in gone.keys { documents[id] = nil }
        return try json([
            "timed_out": false, "deleted": gone.count, "version_conflicts": found.count - gone.count,
            "failures": [],
        ])
    }

    private func search(_ request: HTTP.Request) throws -> HTTP.Response {
        let body = try object(request.body)
        let query = body["query"] as! [String: Any]
        let last = (body["search_after"] as? [Any]).map(Sorting.init)
        let hits = try visible.filter { try holds(query, of: $0.value.fields) }
            .map { id, document in
                (id, Sorting(["title", "audiobook", "position"].map { document.fields[$0]! }))
            }
            .filter { hit in last.map { $0 < hit.1 } ?? true }
            .sorted { $0.1 < $1.1 }.prefix(body["size"] as! Int)
            .map { id, sorting -> [String: Any] in
                ["_id": id, "_score": NSNull(), "sort": sorting.values]
            }
        return try json([
            "took": 1, "timed_out": false, "_shards": ["total": 1, "successful": 1, "failed": 0],
            "hits": ["max_score": NSNull(), "hits": Array(hits)],
        ])
    }

    /// Of the query language what the shop speaks of it.
    private func holds(_ query: [String: Any], of document: [String: Any]) throws -> Bool {
        guard query.count == 1, let (kind, value) = query.first, let about = value as? [String: Any] else {
            throw Failure(.other, "parsing_exception")
        }
        if kind == "bool" {
            let filter = about["filter"] as? [[String: Any]] ?? []
            let should = about["should"] as? [[String: Any]] ?? []
            guard try filter.allSatisfy({ try holds($0, of: document) }) else { return false }
            return try should.isEmpty || should.contains { try holds($0, of: document) }
        }
        guard about.count == 1, let (field, wanted) = about.first else {
            throw Failure(.other, "parsing_exception")
        }
        var there: Any? = document
        for name in field.split(separator: ".") { there = (there as? [String: Any])?[String(name)] }
        switch kind {
        case "term": return there as? String == wanted as? String
        case "terms": return (wanted as! [String]).contains(there as! String)
        case "range": return (there as! Int) < ((wanted as! [String: Any])["lt"] as! Int)
        case "match", "match_phrase":
            let said = words(there as? String ?? "")
            let asked = words((wanted as! [String: Any])["query"] as! String)
            if kind == "match" { return Set(said).isSuperset(of: asked) }
            return said.indices.contains { said[$0...].starts(with: asked) }
        default: throw Failure(.other, "parsing_exception")
        }
    }

    private func words(_ text: String) -> [String] {
        text.folding(options: [.diacriticInsensitive, .caseInsensitive], locale: nil)
            .split { !$0.isLetter && !$0.isNumber }.map { String($0.prefix(4)) }
    }

    /// Titles and ids by their bytes, as keywords are.
    private struct Sorting: Comparable {
        let title: [UInt8], book: [UInt8], position: Int
        let values: [Any]

        init(_ values: [Any]) {
            self.values = values
            title = Array((values[0] as! String).utf8)
            book = Array((values[1] as! String).utf8)
            position = values[2] as! Int
        }

        static func == (one: Sorting, other: Sorting) -> Bool { !(one < other) && !(other < one) }
        static func < (one: Sorting, other: Sorting) -> Bool {
            if one.title != other.title { return one.title.lexicographicallyPrecedes(other.title) }
            if one.book != other.book { return one.book.lexicographicallyPrecedes(other.book) }
            return one.position < other.position
        }
    }

    private func object(_ bytes: [UInt8]) throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
    }

    private func json(_ body: [String: Any]) throws -> HTTP.Response {
        Response(status: 200, body: Array(try JSONSerialization.data(withJSONObject: body)))
    }

    func refusal(_ type: String, _ status: Int) -> HTTP.Response {
        let error = #"{"error":{"root_cause":[],"type":"\#(type)","reason":"r"},"status":\#(status)}"#
        return Response(status: status, body: Array(error.utf8))
    }
}
