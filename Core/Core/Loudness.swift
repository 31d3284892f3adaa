public import Bookshop
internal import Glibc

extension Loudness {
    /// In loudness units relative to full scale (ITU-R BS.1770-5), with one decimal.
    public var inLUFS: Double { ((10 * log10(power) - 0.691) * 10).rounded() / 10 }
}
