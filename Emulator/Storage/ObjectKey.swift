/// The name of an object. Two keys are the same if their bytes are: Swift's strings would take the composed
/// and the decomposed `é` for one key, and sort otherwise than S3 lists.
struct ObjectKey: Hashable, Comparable, Sendable {
    let bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// Only keys of whole UTF-8 are ever made (`Arrival` refuses others).
    var text: String { String(decoding: bytes, as: UTF8.self) }

    static func < (one: ObjectKey, other: ObjectKey) -> Bool {
        one.bytes.lexicographicallyPrecedes(other.bytes)
    }
}
