/// What a bucket holds, to look at.
public struct BucketSummary: Codable, Hashable, Sendable {
    public var name: String
    public var objects: Int
    public var bytes: Int
}

extension S3Server {
    /// Of each bucket, by name.
    public func summaries() async -> [BucketSummary] { await store.summaries() }
}

extension ObjectStore {
    fileprivate func summaries() -> [BucketSummary] {
        buckets.map { name, bucket in
            BucketSummary(
                name: name, objects: bucket.records.count,
                bytes: bucket.records.values.reduce(0) { $0 + $1.bytes })
        }.sorted { $0.name < $1.name }
    }
}
