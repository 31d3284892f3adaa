// Answers each event with itself: what is left is the runtime loop of Core/Lambda.

import Lambda

struct Nothing: Serving {
    func begin(_ invocation: Invocation) {}
}

Lambda.serve({ Nothing() }, direct: { payload, _ in payload })
