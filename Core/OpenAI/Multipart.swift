internal import HTTP

/// Fields and a file as `multipart/form-data` (RFC 7578).
struct Multipart {
    private let boundary: String
    private var parts: [UInt8] = []

    init(boundary: String) { self.boundary = boundary }

    var contentType: Header { Header("Content-Type", "multipart/form-data; boundary=\(boundary)") }
    var body: [UInt8] { parts + Array("--\(boundary)--\r\n".utf8) }

    mutating func add(_ name: String, _ value: String) {
        begin("name=\"\(escaped(name))\"")
        parts += Array("\r\n\(value)\r\n".utf8)
    }

    mutating func add(_ name: String, _ bytes: [UInt8], fileName: String, mediaType: String) {
        begin("name=\"\(escaped(name))\"; filename=\"\(escaped(fileName))\"")
        parts += Array("Content-Type: \(mediaType)\r\n\r\n".utf8)
        parts += bytes
        parts += Array("\r\n".utf8)
    }

    private mutating func begin(_ disposition: String) {
        parts += Array("--\(boundary)\r\nContent-Disposition: form-data; \(disposition)\r\n".utf8)
    }

    /// As browsers do (HTML, section 4.10.21.8).
    private func escaped(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\"": text += "%22"
            case "\r": text += "%0D"
            case "\n": text += "%0A"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
