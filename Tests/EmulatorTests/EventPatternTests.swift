import Groundwork
import Testing

@testable import Bus

/// EventBridge's patterns; the examples of its guide among them.
@Suite struct EventPatternTests {
    private static let instance = """
        {"version":"0","id":"6a7e8feb","detail-type":"EC2 Instance State-change Notification","source":"aws.ec2",
         "account":"111122223333","time":"2017-12-22T18:43:48Z","region":"us-west-1",
         "resources":["arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0"],
         "detail":{"instance-id":"i-1234567890abcdef0","state":"terminated","c-count":5,"d-count":2,"x-limit":301.8,
          "ip":"10.0.0.123","none":null,"empty":"","list":["a","b"],"void":[],"flag":true,
          "path":"dir1/lib/dir2/file.png","nested":{"name":"n"},
          "parts":[{"kind":"x","size":1},{"kind":"y","size":2}],"six":"2001:db8::5"}}
        """

    /// A pattern of the detail, and whether it takes the event.
    private static let details: [(String, Bool)] = [
        (#""state":["terminated"]"#, true), (#""state":["running"]"#, false),
        (#""state":["running","terminated"]"#, true), (#""state":["Terminated"]"#, false),
        (#""state":["terminated"],"c-count":[6]"#, false),
        (#""absent":["x"]"#, false), (#""nested":{"name":["n"]}"#, true), (#""nested":["n"]"#, false),
        (#""state":{"name":["n"]}"#, false),
        // null and the empty text are two things.
        (#""none":[null]"#, true), (#""empty":[null]"#, false), (#""empty":[""]"#, true),
        (#""none":[""]"#, false),
        // Numbers are compared as they are written.
        (#""c-count":[5]"#, true), (#""c-count":[5.0]"#, false), (#""c-count":["5"]"#, false),
        (#""flag":[true]"#, true), (#""flag":[false]"#, false), (#""flag":["true"]"#, false),
        // Of a list one is enough.
        (#""list":["b","c"]"#, true), (#""list":["c"]"#, false),
        // Of a list of objects one must have it all.
        (#""parts":{"kind":["x"],"size":[1]}"#, true), (#""parts":{"kind":["x"],"size":[2]}"#, false),
        (#""state":[{"prefix":"term"}]"#, true), (#""state":[{"prefix":"TERM"}]"#, false),
        (#""state":[{"prefix":{"equals-ignore-case":"TERM"}}]"#, true),
        (#""c-count":[{"prefix":"5"}]"#, false),
        (#""path":[{"suffix":".png"}]"#, true), (#""path":[{"suffix":".jpg"}]"#, false),
        (#""path":[{"suffix":{"equals-ignore-case":".PNG"}}]"#, true),
        (#""state":[{"equals-ignore-case":"TERMINATED"}]"#, true),
        (#""state":[{"equals-ignore-case":"terminate"}]"#, false),
        (#""state":[{"anything-but":"initializing"}]"#, true),
        (#""state":[{"anything-but":"terminated"}]"#, false),
        (#""x-limit":[{"anything-but":123}]"#, true), (#""x-limit":[{"anything-but":301.8}]"#, false),
        (#""state":[{"anything-but":["stopped","terminated"]}]"#, false),
        (#""x-limit":[{"anything-but":[100,200,300]}]"#, true), (#""absent":[{"anything-but":"x"}]"#, false),
        (#""state":[{"anything-but":{"prefix":"init"}}]"#, true),
        (#""state":[{"anything-but":{"prefix":["init","term"]}}]"#, false),
        (#""path":[{"anything-but":{"suffix":".png"}}]"#, false),
        (#""state":[{"anything-but":{"equals-ignore-case":["initializing","TERMINATED"]}}]"#, false),
        (#""path":[{"anything-but":{"wildcard":"*/lib/*"}}]"#, false),
        (#""path":[{"anything-but":{"wildcard":"*/bin/*"}}]"#, true),
        (
            #""c-count":[{"numeric":[">",0,"<=",5]}],"d-count":[{"numeric":["<",10]}],"x-limit":[{"numeric":["=",3.018e2]}]"#,
            true
        ),
        (#""c-count":[{"numeric":[">",0,"<",5]}]"#, false), (#""c-count":[{"numeric":["=",5.0]}]"#, true),
        (#""c-count":[{"numeric":[">=",5]}]"#, true), (#""c-count":[{"numeric":[">",5]}]"#, false),
        (#""state":[{"numeric":[">",0]}]"#, false),
        (#""state":[{"exists":true}]"#, true), (#""state":[{"exists":false}]"#, false),
        (#""absent":[{"exists":false}]"#, true), (#""absent":[{"exists":true}]"#, false),
        (#""none":[{"exists":true}]"#, true), (#""void":[{"exists":true}]"#, false),
        // What has more in it is no leaf.
        (#""nested":[{"exists":true}]"#, false), (#""absent":{"inner":[{"exists":false}]}"#, true),
        (#""void":{"inner":[{"exists":false}]}"#, true),
        (#""ip":[{"cidr":"10.0.0.0/24"}]"#, true), (#""ip":[{"cidr":"10.0.1.0/24"}]"#, false),
        (#""ip":[{"cidr":"10.0.0.123/32"}]"#, true), (#""ip":[{"cidr":"0.0.0.0/0"}]"#, true),
        (#""ip":[{"cidr":"10.0.0.120/29"}]"#, true), (#""ip":[{"cidr":"10.0.0.112/29"}]"#, false),
        (#""six":[{"cidr":"2001:db8::/32"}]"#, true), (#""six":[{"cidr":"10.0.0.0/8"}]"#, false),
        (#""state":[{"cidr":"10.0.0.0/24"}]"#, false),
        (#""path":[{"wildcard":"dir*/*.png"}]"#, true), (#""path":[{"wildcard":"*"}]"#, true),
        (#""path":[{"wildcard":"dir1/*"}]"#, true), (#""path":[{"wildcard":"*dir1"}]"#, false),
        (#""path":[{"wildcard":"dir1/lib/dir2/file.png"}]"#, true),
        (#""path":[{"wildcard":"dir1\\*"}]"#, false),
        (#""path":[{"wildcard":"d*lib*lib*"}]"#, false), (#""empty":[{"wildcard":"*"}]"#, true),
        (#""$or":[{"c-count":[{"numeric":[">",9]}]},{"d-count":[{"numeric":["<",10]}]}]"#, true),
        (#""$or":[{"c-count":[9]},{"d-count":[9]}]"#, false),
        (#""$or":[{"c-count":[5]},{"d-count":[9]}],"state":["running"]"#, false),
        (#""$or":[{"nested":{"name":["n"]},"flag":[true]},{"absent":["x"]}]"#, true),
    ]

    @Test(arguments: details) func `a pattern takes what it says`(detail: String, isTaken: Bool) throws {
        let event = try #require(JSONTree(Self.instance))
        let pattern = try EventPattern(#"{"source":["aws.ec2"],"detail":{\#(detail)}}"#)
        #expect(pattern.matches(event) == isTaken)
    }

    @Test func `the envelope is matched like the rest`() throws {
        let event = try #require(JSONTree(Self.instance))
        for (pattern, isTaken) in [
            (#"{"resources":[{"suffix":"abcdef0"}]}"#, true), (#"{"region":["us-east-1"]}"#, false),
            (#"{"source":[{"prefix":"aws."}],"detail-type":[{"anything-but":"x"}]}"#, true),
            (#"{"time":[{"prefix":"2017-12-22"}]}"#, true),
        ] { #expect(try EventPattern(pattern).matches(event) == isTaken, "\(pattern)") }
    }

    @Test(arguments: [
        ("{}", ""), ("[]", ""), ("{", ""), (#"{"a":"x"}"#, "a"), (#"{"a":[]}"#, "a"), (#"{"a":{}}"#, "a"),
        (#"{"a":{"b":[[1]]}}"#, "a.b"), (#"{"a":[{"sounds-like":"x"}]}"#, "a.sounds-like"),
        (#"{"a":[{"prefix":1}]}"#, "a.prefix"), (#"{"a":[{"prefix":"x","suffix":"y"}]}"#, "a"),
        (#"{"a":[{"suffix":{"prefix":"x"}}]}"#, "a.suffix"), (#"{"a":[{"exists":"yes"}]}"#, "a.exists"),
        (#"{"a":[{"cidr":"10.0.0.0"}]}"#, "a.cidr"), (#"{"a":[{"cidr":"10.0.0.0/33"}]}"#, "a.cidr"),
        (#"{"a":[{"wildcard":"a**b"}]}"#, "a.wildcard"), (#"{"a":[{"wildcard":"a\\b"}]}"#, "a.wildcard"),
        (#"{"a":[{"anything-but":null}]}"#, "a.anything-but"),
        (#"{"a":[{"anything-but":[]}]}"#, "a.anything-but"),
        (#"{"a":[{"anything-but":{"numeric":["=",1]}}]}"#, "a.anything-but.numeric"),
        (#"{"a":[{"numeric":[">"]}]}"#, "a.numeric"), (#"{"a":[{"numeric":["!",1]}]}"#, "a.numeric"),
        (#"{"a":[{"numeric":[">",5,"<",5]}]}"#, "a.numeric"),
        (#"{"a":[{"numeric":["<",5,">",1]}]}"#, "a.numeric"),
        (#"{"a":[{"numeric":["=",5000000001]}]}"#, "a.numeric"),
        (#"{"a":[{"numeric":["=","5"]}]}"#, "a.numeric"),
        (#"{"$or":[{"a":[1]}]}"#, "$or"), (#"{"$or":{"a":[1]}}"#, "$or"),
        (#"{"a":[{"$or":[1,2]}]}"#, "a.$or"),
    ])
    func `what is not known of a pattern is named by its place`(pattern: String, path: String) {
        let error = #expect(throws: PatternError.self) { try EventPattern(pattern) }
        #expect(error?.path == path)
    }
}
