/// What the shop needs done to recordings, each named by an address it can be read at in ranges. Failures
/// are `OutsideFailure`: `.refused` says that the file itself is bad.
public struct AudioTools {
    public var probe: (_ url: String) throws -> AudioProbe
    /// One span as a small file a speech service takes.
    public var cut: (_ url: String, _ span: Span) throws -> Recording
    /// Where nobody speaks, in order.
    public var silences: (_ url: String) throws -> [Span]
    /// One span to be listened to, as a file of its own that fades in and out.
    public var sample: (_ url: String, _ span: Span) throws -> Recording

    public init(
        probe: @escaping (_ url: String) throws -> AudioProbe,
        cut: @escaping (_ url: String, _ span: Span) throws -> Recording,
        silences: @escaping (_ url: String) throws -> [Span],
        sample: @escaping (_ url: String, _ span: Span) throws -> Recording
    ) {
        (self.probe, self.cut, self.silences, self.sample) = (probe, cut, silences, sample)
    }

    public static var unset: AudioTools {
        AudioTools(
            probe: { _ in throw Unset("AudioTools.probe") }, cut: { _, _ in throw Unset("AudioTools.cut") },
            silences: { _ in throw Unset("AudioTools.silences") },
            sample: { _, _ in throw Unset("AudioTools.sample") })
    }
}
