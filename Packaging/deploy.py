"""Deploys the bundles by template.yaml.

`deploy.py [--check] [--stack NAME] [--settings FILE] [--template FILE] [-- OPTION…]`

What the template asks for is a setting of the same name: `StripeSecretKey` is STRIPE_SECRET_KEY, from the environment or
from the file. All that is missing is told at once, before anything is built or sent. Options after `--` are those of
`sam deploy`.
"""

import argparse
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

import boto3
import botocore.config
import botocore.exceptions
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[1]
# How AWS calls the processors, and how the kernel does.
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
# A value that CloudFormation looks up by itself, in Secrets Manager or Parameter Store, is not known here.
REFERENCE = re.compile(r"\{\{resolve:(secretsmanager|ssm|ssm-secure):.+\}\}")


class TemplateLoader(yaml.SafeLoader):
    """Of the template its parameters alone are read: CloudFormation's functions are left as they are."""


TemplateLoader.add_multi_constructor("!", lambda loader, tag, node: f"{tag} {node.value}")


def setting(parameter):
    """Of `StripeSecretKey`: `STRIPE_SECRET_KEY`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", parameter).upper()


def settings(path):
    """`NAME=value`, with quotes or without, as the emulator reads it; the environment wins. Empty is unset."""
    told = {}
    for number, line in enumerate(path.read_text().splitlines() if path.exists() else [], 1):
        line = line.strip().removeprefix("export ").strip()
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r"""([A-Za-z0-9_]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^"'].*?)??)(?:\s+#.*)?""", line)
        if not match:
            sys.exit(f"deploy: {path}, line {number}: this is not NAME=value.")
        told[match[1]] = next((value for value in match.groups()[1:] if value is not None), "")
    return {name: value for name, value in (told | os.environ).items() if value}


def machine():
    """The processors that bundles are built for here, by AWS's name."""
    return next((name for name, kernel in MACHINES.items() if kernel == platform.machine()), platform.machine())


def chosen(parameters, told):
    """What each parameter is given; those that are left to their defaults are not among them."""
    values = {name: told[setting(name)] for name in parameters if setting(name) in told}
    if "Architecture" in parameters:
        values.setdefault("Architecture", machine())
    return values


def faults_of(parameters, values, path):
    """One line for each value that is missing or that CloudFormation would refuse."""
    for name, declared in parameters.items():
        value, text = values.get(name), " ".join(declared.get("Description", "").split())
        if value is None:
            if "Default" not in declared:
                yield f"{setting(name)} is not set. {text}".strip() + f" Set it in the environment or in {path}."
            continue
        if REFERENCE.fullmatch(value):
            continue
        if "AllowedValues" in declared and value not in map(str, declared["AllowedValues"]):
            allowed = ", ".join(map(str, declared["AllowedValues"]))
            yield f"{setting(name)} is '{value}': choose one of {allowed}."
        if "AllowedPattern" in declared and not re.fullmatch(declared["AllowedPattern"], value):
            yield f"{setting(name)} is not of the form {declared['AllowedPattern']}. {text}".strip()
        if len(value) < declared.get("MinLength", 0):
            yield f"{setting(name)} is shorter than {declared['MinLength']} characters. {text}".strip()
    yield from unfit(values)


def unfit(values):
    """What is allowed, and could not work for strangers."""
    for name in ("StoreUrl", "OidcIssuer"):
        value = values.get(name)
        if value and not REFERENCE.fullmatch(value) and not value.startswith("https://"):
            yield f"{setting(name)} is {value}: browsers must reach it by https://."
    database = values.get("DatabaseUrl")
    if database and not re.match(r"postgres(ql)?://", database) and not REFERENCE.fullmatch(database):
        yield "DATABASE_URL is no postgresql:// URL, and no {{resolve:…}} reference to one."
    if values.get("Architecture") in MACHINES and values["Architecture"] != machine():
        yield (f"ARCHITECTURE is {values['Architecture']}, and what is built here is for {machine()}: "
               f"deploy from a machine with such processors.")
    if bool(values.get("SubnetIds")) != bool(values.get("SecurityGroupIds")):
        yield "SUBNET_IDS and SECURITY_GROUP_IDS go together: set both, or neither."


def faults_of_aws():
    """Whether AWS can be reached, and knows who asks."""
    session = boto3.Session()
    if not session.region_name:
        yield "No region: set AWS_REGION, or AWS_PROFILE to a profile that has one."
    try:
        if session.get_credentials() is None:
            yield "No credentials of AWS: run 'aws configure' or 'aws sso login', or set AWS_PROFILE, or " \
                  "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        elif session.region_name:
            limits = botocore.config.Config(connect_timeout=10, read_timeout=10, retries={"total_max_attempts": 2})
            session.client("sts", config=limits).get_caller_identity()
    except botocore.exceptions.ClientError as error:
        yield f"AWS does not take these credentials: {error.response['Error'].get('Message', error)}"
    except botocore.exceptions.BotoCoreError as error:
        yield f"AWS cannot be asked who this is: {error}"


def quoted(value):
    """As `sam` reads a value out of its configuration, which is TOML."""
    inner = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + inner + '"'


def deploy(template, stack, values, options):
    """By `sam`, which is told the values by a file that nobody else may read: arguments are seen by everybody."""
    with tempfile.TemporaryDirectory(prefix="earshelf-deploy-") as folder:
        overrides = " ".join(f"{name}={quoted(value)}" for name, value in values.items())
        configuration = pathlib.Path(folder) / "samconfig.toml"
        configuration.touch(mode=0o600)
        configuration.write_text(
            f"version = 0.1\n[default.deploy.parameters]\nparameter_overrides = {quoted(overrides)}\n")
        command = [
            sys.executable, "-m", "samcli", "deploy", "--config-file", str(configuration), "--template", str(template),
            "--stack-name", stack, "--capabilities", "CAPABILITY_IAM", "--no-fail-on-empty-changeset"]
        if not any(option.startswith(("--s3-bucket", "--resolve-s3")) for option in options):
            command.append("--resolve-s3")
        return subprocess.run([*command, *options], env={**os.environ, "SAM_CLI_TELEMETRY": "0"}).returncode


def main():
    options = argparse.ArgumentParser(prog="./build.sh deploy", description=__doc__.split("\n")[0])
    options.add_argument("--check", action="store_true", help="only say whether all is there")
    options.add_argument("--stack", default="earshelf", help="the name of the stack (earshelf)")
    options.add_argument("--settings", type=pathlib.Path, default=pathlib.Path(".env"), help="NAME=value, one a line (.env)")
    options.add_argument("--template", type=pathlib.Path, default=ROOT / "template.yaml")
    arguments = sys.argv[1:]
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    of_sam, options = arguments[cut + 1:], options.parse_args(arguments[:cut])
    if options.settings != pathlib.Path(".env") and not options.settings.exists():
        sys.exit(f"deploy: there is no file {options.settings}.")
    told = settings(options.settings)
    # The key and the region may stand in the file too.
    os.environ.update({name: value for name, value in told.items() if name.startswith("AWS_")})
    if "AWS_REGION" in told:
        os.environ["AWS_DEFAULT_REGION"] = told["AWS_REGION"]
    parameters = yaml.load(options.template.read_text(), TemplateLoader)["Parameters"]
    values = chosen(parameters, told)
    faults = [*faults_of(parameters, values, options.settings), *faults_of_aws()]
    if faults:
        sys.exit("\n".join(["deploy: this is missing or wrong:", *(f"  - {fault}" for fault in faults)]))
    if values["StripeSecretKey"].startswith("sk_test_"):
        print("  STRIPE_SECRET_KEY is one of Stripe's test keys: the shop will take no money.")
    if options.check:
        print("  Everything is there.")
        return
    code = deploy(options.template, options.stack, values, of_sam)
    if code == 0:
        print(f"\nDeployed as {options.stack}. Migrations, the first editor and what stands before the API: README.md, "
              "'Deploy it'.")
    sys.exit(code)


if __name__ == "__main__":
    main()
