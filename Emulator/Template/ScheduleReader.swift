import Foundation

extension TemplateReader {
    func rule(
        _ name: String, _ function: Function, _ fields: inout Fields
    ) throws(TemplateError) -> Schedule {
        fields.ignore("Description", "RetryPolicy", "DeadLetterConfig")
        let expression = try expression("Schedule", &fields)
        if case .at = expression { throw fields.error("Schedule", .notSupported("at(…) in a rule")) }
        return try schedule(name, function, .rule, expression, &fields)
    }

    func scheduler(
        _ name: String, _ function: Function, _ fields: inout Fields
    ) throws(TemplateError) -> Schedule {
        fields.ignore(
            "Description", "RetryPolicy", "DeadLetterConfig", "GroupName", "RoleArn", "OmitName",
            "PermissionsBoundary", "KmsKeyArn")
        let expression = try expression("ScheduleExpression", &fields)
        if var window = try fields.fields("FlexibleTimeWindow") {
            guard try window.string("Mode") == "OFF" else {
                throw window.error("Mode", .notSupported("flexible time windows"))
            }
            try window.end()
        }
        var schedule = try schedule(name, function, .scheduler, expression, &fields)
        schedule.timeZone = try fields.string("ScheduleExpressionTimezone") ?? "UTC"
        guard TimeZone(identifier: schedule.timeZone) != nil else {
            throw fields.error("ScheduleExpressionTimezone", .noSuch("time zone \(schedule.timeZone)"))
        }
        return schedule
    }

    private func schedule(
        _ name: String, _ function: Function, _ kind: Schedule.Kind, _ expression: Schedule.Expression,
        _ fields: inout Fields
    ) throws(TemplateError) -> Schedule {
        let place = resolution.place
        let ruleName =
            try fields.string("Name") ?? "\(place.stackName)-\(function.logicalID)\(name)"
        let scope = "\(place.region):\(place.account)"
        var schedule = Schedule(
            name: name, ruleName: ruleName,
            arn: kind == .rule
                ? "arn:aws:events:\(scope):rule/\(ruleName)"
                : "arn:aws:scheduler:\(scope):schedule/default/\(ruleName)",
            kind: kind, expression: expression)
        schedule.input = try fields.string("Input")
        if let input = schedule.input,
            (try? JSONSerialization.jsonObject(with: Data(input.utf8), options: .fragmentsAllowed)) == nil
        {
            throw fields.error("Input", .expected("JSON text"))
        }
        let state = try fields.string("State")
        guard state == nil || state == "ENABLED" || state == "DISABLED" else {
            throw fields.error("State", .expected("ENABLED or DISABLED"))
        }
        schedule.enabled = try fields.bool("Enabled") ?? (state != "DISABLED")
        return schedule
    }

    private func expression(
        _ property: String, _ fields: inout Fields
    ) throws(TemplateError) -> Schedule.Expression {
        let text = try fields.required(property)
        guard let open = text.firstIndex(of: "("), text.hasSuffix(")") else {
            throw fields.error(property, .expected("rate(…), cron(…) or at(…)"))
        }
        let inner = text[text.index(after: open)...].dropLast()
        let parts = inner.split(separator: " ").map(String.init)
        switch text[..<open] {
        case "rate":
            guard parts.count == 2, let count = Int(parts[0]), count > 0,
                let seconds = ["minute": 60, "hour": 3_600, "day": 86_400][
                    count == 1 ? parts[1] : String(parts[1].dropLast())],
                count == 1 || parts[1].hasSuffix("s")
            else { throw fields.error(property, .expected("rate(1 minute), rate(5 minutes) …")) }
            return .rate(seconds: count * seconds)
        case "cron":
            guard parts.count == 6, (parts[2] == "?") != (parts[4] == "?") else {
                throw fields.error(
                    property, .expected("six fields, one of day of month and day of week being ?"))
            }
            return .cron(fields: parts)
        case "at":
            return .at(String(inner))
        default:
            throw fields.error(property, .expected("rate(…), cron(…) or at(…)"))
        }
    }
}
