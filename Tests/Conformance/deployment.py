"""template.yaml as AWS gets it: packaged by the `sam` command, translated by the library that AWS translates with, and
deployed by CloudFormation on a moto server. What moto does not know is done by another call, or told in WITHOUT_MOTO."""

import contextlib
import json
import logging
import os
import re
import subprocess
import sys
import zipfile

import boto3
import yaml
from moto.server import ThreadedMotoServer
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from shop import ROOT

ACCOUNT, REGION = "123456789012", "eu-central-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}

# Resources that moto's CloudFormation passes over, and what is done with them instead.
WITHOUT_MOTO = {
    "AWS::ApiGatewayV2::Api": "imported into moto's API Gateway by the call that CloudFormation makes of it",
    "AWS::ApiGatewayV2::Stage": "made in moto's API Gateway by the same properties",
    "AWS::CloudWatch::Alarm": "made in moto's CloudWatch by the same properties",
    "AWS::SQS::QueuePolicy": "looked at in the translated template",
}
# Properties that moto takes and forgets: they are looked at in the translated template.
FORGOTTEN_BY_MOTO = {
    "AWS::IAM::Role": ["ManagedPolicyArns"],
    "AWS::Lambda::Function": [
        "Architectures", "DeadLetterConfig", "EphemeralStorage", "LoggingConfig", "TracingConfig", "VpcConfig"],
    "AWS::Lambda::EventSourceMapping": ["FunctionResponseTypes"],
    "AWS::Lambda::LayerVersion": ["CompatibleArchitectures", "LayerName"],
    "AWS::S3::Bucket": [
        "CorsConfiguration", "LifecycleConfiguration", "NotificationConfiguration", "PublicAccessBlockConfiguration"],
}


class TemplateLoader(yaml.SafeLoader):
    """YAML with the short forms of CloudFormation's functions."""

    def function(self, tag, node):
        if isinstance(node, yaml.ScalarNode):
            value = self.construct_scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = self.construct_sequence(node, deep=True)
        else:
            value = self.construct_mapping(node, deep=True)
        if tag == "Ref":
            return {"Ref": value}
        return {f"Fn::{tag}": value.split(".", 1) if tag == "GetAtt" else value}


TemplateLoader.add_multi_constructor("!", TemplateLoader.function)


def source():
    """What stands in template.yaml."""
    return yaml.load((ROOT / "template.yaml").read_text(), TemplateLoader)


@contextlib.contextmanager
def server():
    """The address of a moto server, for as long as the block lasts."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    try:
        yield "http://{}:{}".format(*moto.get_host_and_port())
    finally:
        moto.stop()


def storage(endpoint, bucket):
    """A client of moto's storage, in which the bucket is."""
    client = boto3.Session("test", "test", region_name=REGION).client("s3", endpoint_url=endpoint)
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


def write_bundles(folder):
    """For each function and for the layer one in place of its own: small, and unlike any other."""
    folder.mkdir(parents=True)
    for name in [*(function.name for function in (ROOT / "Functions").iterdir()), "ffmpeg-layer"]:
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as bundle:
            bundle.writestr("bootstrap", name)


def translated(folder, endpoint):
    """What AWS makes of it: `sam package` sends a bundle of each function's to the storage, the rest is SAM's."""
    write_bundles(folder / ".build/bundles")
    (folder / "template.yaml").write_text((ROOT / "template.yaml").read_text())
    storage(endpoint, "earshelf-code")
    done = subprocess.run(
        [sys.executable, "-m", "samcli", "package", "--template", "template.yaml", "--s3-bucket", "earshelf-code",
         "--output-template-file", "packaged.json", "--use-json", "--no-progressbar"],
        cwd=folder, env={**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": endpoint, "SAM_CLI_TELEMETRY": "0"},
        capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    session = boto3.Session("test", "test", region_name=REGION)
    return Translator({}, Parser(), boto_session=session).translate(json.loads((folder / "packaged.json").read_text()), {})


def replaced(value, old, new):
    """`value` with each `old` in it as `new`."""
    if value == old:
        return new
    if isinstance(value, dict):
        return {name: replaced(part, old, new) for name, part in value.items()}
    return [replaced(part, old, new) for part in value] if isinstance(value, list) else value


class Deployed:
    """One stack on the moto server at `endpoint`."""

    def __init__(self, name, document, parameters, endpoint):
        self.name, self.document = name, document
        defaults = {key: told.get("Default") for key, told in document["Parameters"].items()}
        self.parameters = defaults | parameters
        self.session = boto3.Session("test", "test", region_name=REGION)
        self.endpoint = endpoint
        self.conditions = {key: bool(self.resolve(told)) for key, told in document["Conditions"].items()}
        self.physical = {}
        gateway = self.client("apigatewayv2")
        self.physical["Api"] = gateway.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
        self.create(parameters)
        gateway.reimport_api(
            ApiId=self.physical["Api"], Body=json.dumps(self.resolve(self.properties("Api")["Body"])))
        gateway.create_stage(**self.properties("ApiApiGatewayDefaultStage"))
        self.add_layers()
        for alarm in self.all("AWS::CloudWatch::Alarm"):
            self.client("cloudwatch").put_metric_alarm(AlarmName=alarm, **self.properties(alarm))

    def create(self, parameters):
        """By CloudFormation, whatever moto knows of it."""
        # On AWS a bus is referred to by its name; moto hands out an object of its own in place of it.
        document = replaced(self.document, {"Ref": "Events"}, {"Fn::GetAtt": ["Events", "Name"]})
        document["Resources"] = {
            name: told for name, told in document["Resources"].items() if told["Type"] not in WITHOUT_MOTO}
        document["Parameters"]["Api"] = {"Type": "String"}
        given = [{"ParameterKey": name, "ParameterValue": value}
                 for name, value in (parameters | {"Api": self.physical["Api"]}).items()]
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(
            StackName=self.name, TemplateBody=json.dumps(document), Parameters=given, Capabilities=["CAPABILITY_IAM"])
        [self.stack] = cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        told = cloudformation.describe_stack_resources(StackName=self.name)["StackResources"]
        # What a condition leaves out is an empty line of moto's.
        self.created = [resource for resource in told if "LogicalResourceId" in resource]
        self.physical |= {told["LogicalResourceId"]: told.get("PhysicalResourceId", "") for told in self.created}

    def add_layers(self):
        """moto's CloudFormation makes layers, under names of its own that it does not tell, and gives them to nobody."""
        client = self.client("lambda")
        made = {told["LayerName"]: told["LatestMatchingVersion"]["LayerVersionArn"] for told in client.list_layers()["Layers"]}
        for layer in self.all("AWS::Lambda::LayerVersion"):
            [self.physical[layer]] = [arn for name, arn in made.items() if name.startswith(f"{self.name}-{layer}-")]
        for function in self.all("AWS::Lambda::Function"):
            client.update_function_configuration(
                FunctionName=self.physical[function], Layers=self.properties(function).get("Layers", []))

    def client(self, service):
        return self.session.client(service, endpoint_url=self.endpoint)

    def all(self, kind):
        """The names of all resources of a type that this stack has."""
        return [name for name, told in self.document["Resources"].items()
                if told["Type"] == kind and self.conditions.get(told.get("Condition"), True)]

    def properties(self, name):
        return self.resolve(self.document["Resources"][name]["Properties"])

    def arn(self, name):
        kind, identifier = self.document["Resources"][name]["Type"], self.physical[name]
        return {
            "AWS::Lambda::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{identifier}",
            "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{identifier}",
            "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{identifier.rsplit('/', 1)[-1]}",
            "AWS::Events::EventBus": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{self.name}",
        }[kind]

    def attribute(self, name, attribute):
        return self.arn(name) if attribute == "Arn" else self.physical[name].rsplit("/", 1)[-1]

    def reference(self, name):
        pseudo = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::StackName": self.name}
        if name == "AWS::NoValue":
            return None
        if name == "Events":
            return self.name
        known = self.parameters | pseudo
        value = known[name] if name in known else self.physical[name]
        if self.document["Parameters"].get(name, {}).get("Type") == "CommaDelimitedList":
            return value.split(",") if value else []
        return value

    def resolve(self, value):
        """As CloudFormation does it, in this stack."""
        if isinstance(value, list):
            return [self.resolve(part) for part in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(function, argument)] = value.items()
            if function == "Ref":
                return self.reference(argument)
            if function == "Fn::GetAtt":
                return self.attribute(*argument)
            if function == "Fn::If":
                return self.resolve(argument[1 if self.conditions[argument[0]] else 2])
            if function == "Fn::Equals":
                return self.resolve(argument[0]) == self.resolve(argument[1])
            if function == "Fn::Not":
                return not self.resolve(argument[0])
            if function == "Fn::Join":
                return argument[0].join(self.resolve(argument[1]))
            if function == "Fn::Sub":
                return self.substituted(argument)
        resolved = {name: self.resolve(part) for name, part in value.items()}
        return {name: part for name, part in resolved.items() if part is not None}

    def substituted(self, argument):
        text, own = argument if isinstance(argument, list) else (argument, {})

        def told(match):
            name = match[1]
            if name in own:
                return str(self.resolve(own[name]))
            return self.attribute(*name.split(".", 1)) if "." in name else str(self.reference(name))
        return re.sub(r"\$\{([^}]+)\}", told, text)
