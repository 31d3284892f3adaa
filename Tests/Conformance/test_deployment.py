"""What template.yaml says is what stands on AWS: every resource, and each function with its code, rights, settings and
whatever calls it. AWS is a moto server here, at which the answers are asked."""

import ast
import base64
import fnmatch
import functools
import hashlib
import json
import re

import pytest

import deployment
from deployment import ACCOUNT, REGION, Deployed

SOURCE = deployment.source()
FUNCTIONS = {name: told["Properties"] for name, told in SOURCE["Resources"].items()
             if told["Type"] == "AWS::Serverless::Function"}
EVENTS = [(name, event, told["Type"], told["Properties"]) for name, properties in FUNCTIONS.items()
          for event, told in properties.get("Events", {}).items()]

LEAST = {
    "DatabaseUrl": "postgresql://shop@db.example/shop", "OidcIssuer": "https://id.example",
    "OidcAuthorizedParties": "https://shop.example", "StoreUrl": "https://shop.example", "GiftCodeSecrets": "g" * 32,
    "StripeSecretKey": "sk_test_1", "IdentityWebhookSecrets": "whsec_1", "StripeWebhookSecrets": "whsec_2",
    "OpenaiApiKey": "sk-1"}
STACKS = {
    "least": LEAST | {"MediaBucket": "media-least"},
    "all": LEAST | {
        "MediaBucket": "media-all", "Architecture": "arm64", "OpensearchUrl": "https://search.example", "LogDays": "90",
        "AlarmTopic": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms", "SubnetIds": "subnet-1,subnet-2",
        "SecurityGroupIds": "sg-1"}}
BASIC = "arn:aws:iam::aws:policy/"


@pytest.fixture(scope="module")
def endpoint():
    with deployment.server() as address:
        yield address


@pytest.fixture(scope="module")
def document(endpoint, tmp_path_factory):
    return deployment.translated(tmp_path_factory.mktemp("deployment"), endpoint)


@pytest.fixture(scope="module", params=STACKS)
def stack(request, document, endpoint):
    return Deployed(request.param, document, STACKS[request.param], endpoint)


def functions(stack):
    """Those of this stack, each with what template.yaml says of it and what Lambda does."""
    client = stack.client("lambda")
    return [(name, FUNCTIONS[name], client.get_function(FunctionName=stack.physical[name])["Configuration"])
            for name in stack.all("AWS::Lambda::Function")]


def events(stack, kind):
    """Those of one type, as (function, name, properties), where the stack has the function."""
    there = stack.all("AWS::Lambda::Function")
    return [(name, event, stack.resolve(told)) for name, event, of, told in EVENTS if of == kind and name in there]


def globally(properties, name):
    return properties.get(name, SOURCE["Globals"]["Function"].get(name))


@functools.cache
def function_policy(stack, function):
    """Who may call it: asked once, for some have thirty routes."""
    return json.loads(stack.client("lambda").get_policy(FunctionName=stack.physical[function])["Policy"])


def permits(stack, function, service, arn=None):
    """Whether the function's own policy lets this service call it, from there."""
    policy = function_policy(stack, function)
    allowed = [statement for statement in policy["Statement"]
               if (statement["Effect"], statement["Action"]) == ("Allow", "lambda:InvokeFunction")
               and statement["Principal"] == {"Service": f"{service}.amazonaws.com"}]
    if arn is None:
        return any(told["Condition"] == {"StringEquals": {"AWS:SourceAccount": ACCOUNT}} for told in allowed)
    patterns = [told["Condition"]["ArnLike"]["AWS:SourceArn"] for told in allowed if "ArnLike" in told["Condition"]]
    # `[` is no pattern to IAM.
    return any(fnmatch.fnmatchcase(arn, pattern.replace("[", "[[]")) for pattern in patterns)


def granted(client, role):
    """The statements of the role's own policies, which moto hands out as Python writes them."""
    for policy in client.list_role_policies(RoleName=role)["PolicyNames"]:
        document = client.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        yield from (ast.literal_eval(document) if isinstance(document, str) else document)["Statement"]


def forgotten(stack, name, property):
    """What moto took and does not tell, as it is in the translated template."""
    told = stack.document["Resources"][name]
    assert property in deployment.FORGOTTEN_BY_MOTO[told["Type"]], property
    return stack.resolve(told["Properties"].get(property))


def test_every_resource_is_there(stack):
    created = {told["LogicalResourceId"]: told["ResourceType"] for told in stack.created}
    kinds = {told["Type"] for told in stack.document["Resources"].values()}
    expected = {name: kind for kind in kinds - set(deployment.WITHOUT_MOTO) for name in stack.all(kind)}
    assert stack.stack["StackStatus"] == "CREATE_COMPLETE" and created == expected
    # Of what moto passes over nothing is forgotten here, and nothing is named that it learnt meanwhile.
    assert set(deployment.WITHOUT_MOTO) <= kinds
    # What a layer holds is a part of the translated name.
    untranslated = {name for name, told in SOURCE["Resources"].items()
                    if stack.conditions.get(told.get("Condition"), True) and told["Type"] != "AWS::Serverless::LayerVersion"}
    assert untranslated <= set(stack.physical) | {
        name for kind in deployment.WITHOUT_MOTO for name in stack.all(kind)}
    # CloudFormation's own limits.
    assert len(stack.document["Resources"]) <= 500 and len(json.dumps(stack.document)) < 1_000_000


def test_opensearch_is_served_where_there_is_one(stack):
    assert ("IndexPassages" in stack.physical) == bool(stack.parameters["OpensearchUrl"])


def test_every_function_runs_its_own_code(stack):
    client = stack.client("s3")
    for name, told, found in functions(stack):
        location = stack.document["Resources"][name]["Properties"]["Code"]
        bundle = client.get_object(Bucket=location["S3Bucket"], Key=location["S3Key"])["Body"].read()
        assert told["Handler"].encode() in bundle and told["CodeUri"] == f".build/bundles/{told['Handler']}.zip"
        assert found["CodeSha256"] == base64.b64encode(hashlib.sha256(bundle).digest()).decode()
        assert (found["Handler"], found["Runtime"], found["PackageType"]) == (told["Handler"], "provided.al2023", "Zip")
        assert forgotten(stack, name, "Architectures") == [stack.parameters["Architecture"]]
        assert (found["MemorySize"], found["Timeout"]) == (globally(told, "MemorySize"), globally(told, "Timeout"))


def test_those_that_run_ffmpeg_have_the_layer_it_is_in(stack):
    client, [layer] = stack.client("lambda"), stack.all("AWS::Lambda::LayerVersion")
    layers = {name: [told["Arn"] for told in found.get("Layers", [])] for name, _, found in functions(stack)}
    [arn] = layers["Transcribe"]
    assert {name: told for name, told in layers.items() if told} == {
        name: [arn] for name in ("UploadComplete", "Transcribe", "Exports")}
    name, number = arn.split(":")[6:]
    version = client.get_layer_version(LayerName=name, VersionNumber=int(number))
    location = stack.properties(layer)["Content"]
    content = stack.client("s3").get_object(Bucket=location["S3Bucket"], Key=location["S3Key"])["Body"].read()
    assert b"ffmpeg-layer" in content
    assert version["Content"]["CodeSha256"] == base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert version["CompatibleRuntimes"] == ["provided.al2023"]
    assert forgotten(stack, layer, "CompatibleArchitectures") == [stack.parameters["Architecture"]]
    # Two shops of one account have each a layer of their own.
    assert forgotten(stack, layer, "LayerName") == f"{stack.name}-ffmpeg"


def test_every_function_has_the_rights_that_are_written_and_no_more(stack):
    client = stack.client("iam")
    for name, told, found in functions(stack):
        role = found["Role"].rsplit("/", 1)[1]
        trusted = client.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"]
        assert [statement["Principal"] for statement in trusted] == [{"Service": ["lambda.amazonaws.com"]}], name
        allowed = list(granted(client, role))
        expected = [stack.resolve(statement) for policy in told.get("Policies", []) for statement in policy["Statement"]]
        if dead := told.get("DeadLetterQueue"):
            expected.append({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": stack.resolve(dead["TargetArn"])})
        ordered = lambda statements: sorted(json.dumps(statement, sort_keys=True) for statement in statements)
        assert ordered(allowed) == ordered(expected), name
        assert not any("*" in (statement["Action"], statement["Resource"]) for statement in allowed), name
        kinds = {event["Type"] for event in told.get("Events", {}).values()}
        policies = ["service-role/AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess",
                    "service-role/AWSLambdaVPCAccessExecutionRole"]
        policies += ["service-role/AWSLambdaSQSQueueExecutionRole"] if "SQS" in kinds else []
        attached = forgotten(stack, f"{name}Role", "ManagedPolicyArns")
        assert sorted(attached) == sorted(BASIC + policy for policy in policies), name


def test_every_function_is_told_its_settings(stack):
    for name, told, found in functions(stack):
        variables = SOURCE["Globals"]["Function"]["Environment"]["Variables"] | told.get(
            "Environment", {}).get("Variables", {})
        assert found["Environment"]["Variables"] == stack.resolve(variables), name
        # Lambda's own limit, in bytes of all names and values.
        assert sum(len(key) + len(value) for key, value in stack.resolve(variables).items()) < 4096


def test_what_moto_forgets_of_a_function_is_in_the_template(stack):
    subnets = stack.resolve(SOURCE["Globals"]["Function"]["VpcConfig"])
    for name, told, _ in functions(stack):
        dead = told.get("DeadLetterQueue")
        assert forgotten(stack, name, "DeadLetterConfig") == (
            dead and {"TargetArn": stack.resolve(dead["TargetArn"])}), name
        assert forgotten(stack, name, "EphemeralStorage") == told.get("EphemeralStorage"), name
        assert forgotten(stack, name, "LoggingConfig") == {"LogGroup": stack.physical["Logs"]}, name
        assert forgotten(stack, name, "TracingConfig") == {"Mode": "Active"}, name
        assert forgotten(stack, name, "VpcConfig") == subnets, name
        assert bool(subnets) == bool(stack.parameters["SubnetIds"]), name


def test_only_one_of_what_must_be_alone_runs(stack):
    client = stack.client("lambda")
    for name, told, _ in functions(stack):
        found = client.get_function_concurrency(FunctionName=stack.physical[name]).get("ReservedConcurrentExecutions")
        assert found == told.get("ReservedConcurrentExecutions"), name


def test_every_route_leads_to_its_function(stack):
    client, api = stack.client("apigatewayv2"), stack.physical["Api"]
    pages = client.get_paginator("get_routes").paginate(ApiId=api)
    integrations = {told["IntegrationId"]: told for told in client.get_integrations(ApiId=api)["Items"]}
    found = {}
    for route in (route for page in pages for route in page["Items"]):
        integration = integrations[route["Target"].split("/")[1]]
        assert (integration["IntegrationType"].upper(), integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
        key = route["RouteKey"].removeprefix("X-AMAZON-APIGATEWAY-ANY-METHOD ")
        found[key] = integration["IntegrationUri"]
    expected = {}
    for function, _, told in events(stack, "HttpApi"):
        key = f"{told['Method']} {told['Path']}" if "Path" in told else "$default"
        assert key not in expected, f"two functions for {key}"
        expected[key] = (
            f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{stack.arn(function)}/invocations")
        path = f"{told['Method']}{told['Path']}" if "Path" in told else "*"
        # A parameter of the path is any text here.
        anything = re.sub(r"\{[^}]*\}", "*", path)
        assert permits(stack, function, "apigateway", f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/*/{anything}"), key
    assert found == expected


def test_the_api_is_throttled_and_open_to_the_shop_alone(stack):
    client, api = stack.client("apigatewayv2"), stack.physical["Api"]
    told = stack.resolve(SOURCE["Resources"]["Api"]["Properties"])
    stage = client.get_stage(ApiId=api, StageName="$default")
    assert stage["AutoDeploy"] and stage["DefaultRouteSettings"] == told["DefaultRouteSettings"]
    origins = client.get_api(ApiId=api)["CorsConfiguration"]
    assert origins == told["CorsConfiguration"]


def test_every_queue_calls_its_function(stack):
    mappings = stack.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    found = {told["EventSourceArn"]: told for told in mappings}
    for function, event, told in events(stack, "SQS"):
        mapping = found[told["Queue"]]
        assert mapping["FunctionArn"] == stack.arn(function) and mapping["State"] == "Enabled"
        assert (mapping["BatchSize"], mapping["ScalingConfig"]) == (told["BatchSize"], told["ScalingConfig"])
        assert forgotten(stack, function + event, "FunctionResponseTypes") == told["FunctionResponseTypes"]


def test_every_event_of_the_bus_and_of_the_clock_calls_its_function(stack):
    client = stack.client("events")
    for kind, bus in [("EventBridgeRule", stack.name), ("Schedule", "default")]:
        for function, event, told in events(stack, kind):
            name = stack.physical[function + event].rsplit("/", 1)[-1].rsplit("|", 1)[-1]
            rule = client.describe_rule(Name=name, EventBusName=bus)
            [target] = client.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
            assert rule["State"] == "ENABLED" and target["Arn"] == stack.arn(function), (function, event)
            assert target.get("DeadLetterConfig") == told.get("DeadLetterConfig"), (function, event)
            assert json.loads(rule.get("EventPattern", "null")) == told.get("Pattern"), (function, event)
            assert rule.get("ScheduleExpression") == told.get("Schedule"), (function, event)
            assert permits(stack, function, "events", rule["Arn"]), (function, event)


def test_the_bucket_is_closed_and_tells_of_uploads(stack):
    media, bucket = SOURCE["Resources"]["Media"], stack.document["Resources"]["Media"]
    found = stack.client("s3").get_bucket_encryption(Bucket=stack.parameters["MediaBucket"])
    [rule] = found["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    told = stack.resolve(media["Properties"])
    for name in ("CorsConfiguration", "LifecycleConfiguration", "PublicAccessBlockConfiguration"):
        assert forgotten(stack, "Media", name) == told[name], name
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    calls = forgotten(stack, "Media", "NotificationConfiguration")["LambdaConfigurations"]
    uploads = events(stack, "S3")
    assert calls == [{"Event": event["Events"], "Filter": event["Filter"], "Function": stack.arn(function)}
                     for function, _, event in uploads] and len(calls) == 1
    for function, event, _ in uploads:
        assert permits(stack, function, "s3")
        # The storage asks whether it may call when it is told to: the permission has to be there before.
        assert f"{function}{event}Permission" in bucket["DependsOn"]


def test_every_queue_keeps_and_gives_up_as_it_says(stack):
    client = stack.client("sqs")
    for name in stack.all("AWS::SQS::Queue"):
        told = stack.resolve(SOURCE["Resources"][name]["Properties"])
        found = client.get_queue_attributes(QueueUrl=stack.physical[name], AttributeNames=["All"])["Attributes"]
        assert found["SqsManagedSseEnabled"] == "true"
        for attribute in ("VisibilityTimeout", "MessageRetentionPeriod"):
            assert attribute not in told or found[attribute] == str(told[attribute]), name
        assert json.loads(found.get("RedrivePolicy", "null")) == told.get("RedrivePolicy"), name
    [policy] = [stack.properties(name) for name in stack.all("AWS::SQS::QueuePolicy")]
    assert policy == stack.resolve(SOURCE["Resources"]["EventsDeadPolicy"]["Properties"])


def test_no_queue_shows_a_message_again_while_its_function_may_be_at_it(stack):
    names = {stack.arn(name): name for name in stack.all("AWS::SQS::Queue")}
    for function, _, told in events(stack, "SQS"):
        queue = SOURCE["Resources"][names[told["Queue"]]]["Properties"]
        # AWS asks for six times the function's timeout.
        assert queue["VisibilityTimeout"] >= 6 * globally(FUNCTIONS[function], "Timeout"), function


def test_logs_end_and_alarms_are_raised(stack):
    [group] = stack.client("logs").describe_log_groups(logGroupNamePrefix=f"/earshelf/{stack.name}")["logGroups"]
    assert group["retentionInDays"] == int(stack.parameters["LogDays"])
    alarms = {told["AlarmName"]: told for told in stack.client("cloudwatch").describe_alarms()["MetricAlarms"]}
    topic = stack.parameters["AlarmTopic"]
    for name in stack.all("AWS::CloudWatch::Alarm"):
        told, found = stack.resolve(SOURCE["Resources"][name]["Properties"]), alarms[name]
        assert found["AlarmActions"] == ([topic] if topic else []), name
        assert (found["MetricName"], found["Dimensions"]) == (told["MetricName"], told["Dimensions"]), name
