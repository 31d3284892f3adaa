import Foundation
import Groundwork
import Template

/// The lines the platform itself writes into a function's log.
extension DeployedFunction {
    func startLine(_ requestID: String) -> String {
        guard template.logFormat == .json else { return "START RequestId: \(requestID) Version: $LATEST" }
        return record("platform.start", #""requestId":"\#(requestID)","version":"$LATEST""#)
    }

    /// END and REPORT.
    func reportLines(
        _ requestID: String, milliseconds: Double, memoryBytes: Int, initMilliseconds: Double?,
        errorType: String?
    ) -> [String] {
        let billed = Int((milliseconds + (initMilliseconds ?? 0)).rounded(.up))
        let megabytes = (memoryBytes + (1 << 20) - 1) >> 20
        let status = errorType.map { $0 == "Sandbox.Timedout" ? "timeout" : "error" }
        guard template.logFormat == .json else {
            var report = "REPORT RequestId: \(requestID)\tDuration: \(Self.hundredths(milliseconds)) ms\t"
            report += "Billed Duration: \(billed) ms\tMemory Size: \(template.memoryMegabytes) MB\t"
            report += "Max Memory Used: \(megabytes) MB"
            if let initMilliseconds { report += "\tInit Duration: \(Self.hundredths(initMilliseconds)) ms" }
            if let status { report += "\tStatus: \(status)" }
            if let errorType, status == "error" { report += "\tError Type: \(errorType)" }
            return ["END RequestId: \(requestID)", report]
        }
        var metrics = #""durationMs":\#(Self.hundredths(milliseconds)),"billedDurationMs":\#(billed),"#
        metrics += #""memorySizeMB":\#(template.memoryMegabytes),"maxMemoryUsedMB":\#(megabytes)"#
        if let initMilliseconds { metrics += #","initDurationMs":\#(Self.hundredths(initMilliseconds))"# }
        var fields =
            #""requestId":"\#(requestID)","metrics":{\#(metrics)},"status":"\#(status ?? "success")""#
        if let errorType, status == "error" { fields += #","errorType":"\#(errorType)""# }
        return [record("platform.report", fields)]
    }

    /// After an init phase that failed.
    func initLine(milliseconds: Double, status: String, errorType: String?) -> String {
        let type = errorType ?? "Runtime.Unknown"
        guard template.logFormat == .json else {
            let suffix = status == "timeout" ? "" : "\tError Type: \(type)"
            return "INIT_REPORT Init Duration: \(Self.hundredths(milliseconds)) ms\tPhase: init\tStatus: "
                + status + suffix
        }
        return record(
            "platform.initReport",
            #""phase":"init","status":"\#(status)","errorType":"\#(type)","metrics":"#
                + #"{"durationMs":\#(Self.hundredths(milliseconds))}"#)
    }

    private func record(_ type: String, _ fields: String) -> String {
        #"{"time":"\#(Timestamp.extended(Date()))","type":"\#(type)","record":{\#(fields)}}"#
    }

    static func hundredths(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
