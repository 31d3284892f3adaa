import Template

/// A queue of the template, for files in which the module of queues has the same name.
typealias DeclaredQueue = Queue
