"""`./build.sh deploy`: what it says is missing, and that `sam` gets what it was told. AWS is a moto server."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys

import pytest

import deploy
import deployment
from shop import ROOT

# Nothing of whoever runs the tests: neither their account nor their settings.
NOBODY = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true", "SAM_CLI_TELEMETRY": "0"}
SETTINGS = {
    "DATABASE_URL": "{{resolve:secretsmanager:earshelf:SecretString:url}}", "OIDC_ISSUER": "https://id.example",
    "OIDC_AUTHORIZED_PARTIES": "https://shop.example,https://www.shop.example", "STORE_URL": "https://shop.example",
    "GIFT_CODE_SECRETS": "g" * 32, "STRIPE_SECRET_KEY": "sk_live_1", "IDENTITY_WEBHOOK_SECRETS": "whsec_1",
    "STRIPE_WEBHOOK_SECRETS": "whsec_2,whsec_3", "OPENAI_API_KEY": "sk-openai-1", "MEDIA_BUCKET": "earshelf-media-test",
    "STORE_NAME": 'Ear & "Shelf"', "STORE_ADDRESS": "1 Long Lane; 12345 A=B \\ Town"}
SECRET = ["DATABASE_URL", "GIFT_CODE_SECRETS", "STRIPE_SECRET_KEY", "IDENTITY_WEBHOOK_SECRETS", "STRIPE_WEBHOOK_SECRETS",
          "OPENAI_API_KEY"]
ACCOUNT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "eu-central-1"}


@pytest.fixture(scope="module")
def endpoint():
    with deployment.server() as address:
        yield address


def run(environment, *arguments, cwd=ROOT):
    return subprocess.run(
        [sys.executable, str(ROOT / "Packaging/deploy.py"), *arguments], env=NOBODY | environment, cwd=cwd,
        capture_output=True, text=True, timeout=120)


def test_all_that_is_missing_is_said_at_once_before_anything_is_built(tmp_path):
    done = subprocess.run(
        [str(ROOT / "build.sh"), "deploy", "--settings", "/dev/null"], env=NOBODY, capture_output=True, text=True,
        timeout=120)
    assert done.returncode == 1 and "==>" not in done.stdout, done.stdout + done.stderr
    for name in SETTINGS.keys() - {"STORE_NAME", "STORE_ADDRESS"}:
        assert f"  - {name} is not set." in done.stderr, done.stderr
    assert "No region: set AWS_REGION" in done.stderr and "No credentials of AWS: run 'aws configure'" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_wrong_is_said_with_what_would_be_right(endpoint):
    wrong = {
        "STORE_URL": "http://127.0.0.1:8080", "DATABASE_URL": "mysql://x", "GIFT_CODE_SECRETS": "short", "LOG_DAYS": "8",
        "MEDIA_BUCKET": "My Bucket", "SUBNET_IDS": "subnet-1",
        "ARCHITECTURE": "arm64" if platform.machine() == "x86_64" else "x86_64"}
    done = run(SETTINGS | ACCOUNT | {"AWS_ENDPOINT_URL": endpoint} | wrong, "--check", "--settings", "/dev/null")
    heading, *lines = done.stderr.splitlines()
    assert done.returncode == 1 and heading == "deploy: this is missing or wrong:" and len(lines) == len(wrong)
    for line in (
            "STORE_URL is http://127.0.0.1:8080: browsers must reach it by https://.",
            "DATABASE_URL is no postgresql:// URL", "GIFT_CODE_SECRETS is shorter than 32 characters.",
            "LOG_DAYS is '8': choose one of 1, 3, 5, 7,", "MEDIA_BUCKET is not of the form",
            "SUBNET_IDS and SECURITY_GROUP_IDS go together", "and what is built here is for"):
        assert line in done.stderr, done.stderr
    assert not any(SETTINGS[name] in done.stderr for name in SECRET)


@pytest.mark.parametrize("without, said", [
    ({"AWS_REGION": ""}, "No region: set AWS_REGION"),
    ({"AWS_SECRET_ACCESS_KEY": "", "AWS_ACCESS_KEY_ID": ""}, "No credentials of AWS"),
    ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "AWS cannot be asked who this is: "),
])
def test_who_asks_must_be_known_to_aws(without, said, endpoint):
    done = run(SETTINGS | ACCOUNT | {"AWS_ENDPOINT_URL": endpoint} | without, "--check", "--settings", "/dev/null")
    [_, line] = done.stderr.splitlines()
    assert done.returncode == 1 and said in line, done.stderr


def test_settings_come_from_a_file_too(tmp_path, endpoint):
    file = tmp_path / "production"
    file.write_text("# ours\n\n" + "\n".join(
        f"export {name}='{value}'  # so" for name, value in (SETTINGS | ACCOUNT).items()))
    done = run({"AWS_ENDPOINT_URL": endpoint}, "--check", "--settings", str(file))
    assert (done.returncode, done.stdout.strip()) == (0, "Everything is there."), done.stderr
    file.write_text("STORE_NAME=x\nSTORE NAME\n")
    done = run({}, "--check", "--settings", str(file))
    assert f"{file}, line 2: this is not NAME=value." in done.stderr and done.returncode == 1


def test_sam_is_told_every_setting_as_it_was_written(tmp_path, endpoint):
    shutil.copy(ROOT / "template.yaml", tmp_path)
    deployment.write_bundles(tmp_path / ".build/bundles")
    storage = deployment.storage(endpoint, "code")
    done = run(
        SETTINGS | ACCOUNT | {"AWS_ENDPOINT_URL": endpoint}, "--template", str(tmp_path / "template.yaml"), "--stack",
        "trial", "--settings", "/dev/null", "--", "--s3-bucket", "code", "--no-execute-changeset", "--no-progressbar",
        cwd=tmp_path)
    said = done.stdout + done.stderr
    assert re.search(r"Stack name +: trial\n", said) and re.search(r"Region +: eu-central-1\n", said), said
    told = json.loads(re.search(r"Parameter overrides +: (.*)", said)[1])
    expected = {"".join(part.title() for part in name.split("_")): value for name, value in SETTINGS.items()}
    assert told.keys() == expected.keys() | {"Architecture"}
    # sam shows no value of a parameter with NoEcho.
    assert {name: value for name, value in told.items() if value != "*****"} == {
        name: value for name, value in expected.items() if told[name] != "*****"} | {"Architecture": deploy.machine()}
    assert not any(SETTINGS[name] in said for name in SECRET), said
    # All bundles, the layer and the template are there; then moto fails, which looks for templates at Amazon's addresses alone.
    stored = storage.list_objects_v2(Bucket="code")["Contents"]
    assert len(stored) == len(list((ROOT / "Functions").iterdir())) + 2
