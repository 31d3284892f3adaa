public enum Category { public typealias ID = Identifier<Category> }
public enum Series { public typealias ID = Identifier<Series> }
public enum Contributor { public typealias ID = Identifier<Contributor> }
