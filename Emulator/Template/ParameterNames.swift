extension Template {
    /// What the template lets its deployer decide: the names of its `Parameters`.
    public static func parameterNames(_ yaml: String) throws(TemplateError) -> [String] {
        var sections = try Fields(Node.parse(yaml), at: "")
        return try Fields.entries(of: sections.node("Parameters"), at: "Parameters").map(\.key)
    }
}
