/// What the shop needs done to recordings, each named by an address it can be read at in ranges. Failures
/// are `OutsideFailure`: `.refused` says that the file itself is bad.
public struct AudioTools {
    public var probe: (_ url: String) throws -> AudioProbe
    /// One span as it sounds; less where the recording ends before.
    public var listen: (_ url: String, _ span: Span) throws -> Sound
    /// One span to be listened to, as a file of its own that fades in and out.
    public var sample: (_ url: String, _ span: Span) throws -> Recording

    public init(
        probe: @escaping (_ url: String) throws -> AudioProbe,
        listen: @escaping (_ url: String, _ span: Span) throws -> Sound,
        sample: @escaping (_ url: String, _ span: Span) throws -> Recording
    ) {
        (self.probe, self.listen, self.sample) = (probe, listen, sample)
    }

    public static var unset: AudioTools {
        AudioTools(
            probe: { _ in throw Unset("AudioTools.probe") },
            listen: { _, _ in throw Unset("AudioTools.listen") },
            sample: { _, _ in throw Unset("AudioTools.sample") })
    }
}
