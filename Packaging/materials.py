"""A bill of materials for each bundle and for the layer, in SPDX 2.3: `materials.py BUNDLES PROGRAMS STATIC` writes
`<name>.spdx.json` beside each `<name>.zip`.

What is linked into a program is looked up and not believed: a library is named when the program that is not yet stripped
defines a symbol that only this library defines. What neither a library nor a file can tell is refused.

https://spdx.github.io/spdx-spec/v2.3/
"""

import dataclasses
import datetime
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse
import uuid


LAYER = "ffmpeg-layer"


@dataclasses.dataclass(frozen=True)
class Component:
    """What others wrote: under which licence, by whom, and where it comes from."""
    name: str
    version: str
    licence: str
    supplier: str
    purl: str | None = None

    @property
    def identifier(self):
        return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", self.name)

    def package(self):
        told = {
            "SPDXID": self.identifier, "name": self.name, "versionInfo": self.version, "supplier": self.supplier,
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
            "licenseDeclared": self.licence, "copyrightText": "NOASSERTION"}
        if self.purl:
            told["externalRefs"] = [{
                "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": self.purl}]
        return told


def run(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def debian(source, version, licence, kind="source"):
    """A package of Debian 12, at the version that was used."""
    quoted = urllib.parse.quote(version, safe=".-~")
    return Component(
        source, version, licence, "Organization: Debian", f"pkg:deb/debian/{source}@{quoted}?arch={kind}&distro=bookworm")


def installed(binary, licence):
    """The source of which an installed package of Debian's was built."""
    source, version = run("dpkg-query", "-W", "-f", "${source:Package} ${source:Version}", binary).split()
    return debian(source, version, licence)


def fetched(folder, source, licence):
    """A source of Debian's of which something was built into this folder, where it is noted."""
    versions = dict(line.split() for line in (folder / "sources").read_text().splitlines())
    return debian(source, versions[source], licence)


def swift(name, version, licence="Apache-2.0 WITH Swift-exception"):
    purl = f"pkg:github/swiftlang/{name}@swift-{version}-RELEASE"
    return Component(name, version, licence, "Organization: Swift.org", purl)


def libraries(static):
    """Each static library that a program may be linked with, and what it is a part of."""
    toolchain = pathlib.Path(shutil.which("swift")).resolve().parents[1] / "lib/swift_static/linux"
    version = re.search(r"Swift version ([0-9.]+)", run("swift", "--version"))[1]
    language, foundation = swift("swift", version), swift("swift-foundation", version)
    of_swift = {
        "lib_FoundationICU": swift("swift-foundation-icu", version, "Unicode-3.0"),
        "libFoundationEssentials": foundation, "libFoundationInternationalization": foundation,
        "lib_FoundationCShims": foundation, "lib_FoundationCollections": swift("swift-collections", version),
        "libdispatch": swift("swift-corelibs-libdispatch", version, "Apache-2.0"),
        "libBlocksRuntime": swift("swift-corelibs-libdispatch", version, "Apache-2.0")}
    older = swift("swift-corelibs-foundation", version)
    for name in ("libFoundation", "libCoreFoundation", "libFoundationNetworking", "libFoundationXML",
                 "lib_CFURLSessionInterface", "lib_CFXMLInterface"):
        of_swift[name] = older
    found = {archive: of_swift.get(archive.stem, language) for archive in sorted(toolchain.glob("*.a"))}
    openssl = installed("libssl-dev", "Apache-2.0")
    postgres = fetched(static, "postgresql-15", "PostgreSQL")
    found |= {
        static / "lib/libcurl.a": fetched(static, "curl", "curl"),
        static / "lib/libssl.a": openssl, static / "lib/libcrypto.a": openssl,
        static / "lib/libpq.a": postgres, static / "lib/libpgcommon_shlib.a": postgres,
        static / "lib/libpgport_shlib.a": postgres}
    return found


def libraries_of_ffmpeg():
    """The static libraries that Packaging/ffmpeg.sh links in."""
    folder = pathlib.Path("/usr/lib") / run("gcc", "-print-multiarch").strip()
    openssl = installed("libssl-dev", "Apache-2.0")
    return {
        folder / "libssl.a": openssl, folder / "libcrypto.a": openssl,
        folder / "libmp3lame.a": installed("libmp3lame-dev", "LGPL-2.0-or-later"),
        folder / "libz.a": installed("zlib1g-dev", "Zlib")}


def defined(binary, kinds):
    """The names a binary defines, of these kinds of symbols (nm)."""
    lines = run("nm", "--defined-only", binary).splitlines()
    return {parts[2] for line in lines if len(parts := line.split()) == 3 and parts[1] in kinds}


def own_symbols(found):
    """Of each component the symbols that no other one defines. Weak ones are not among them: many define those."""
    owners = {}
    for archive, component in found.items():
        for symbol in defined(archive, "TDBR"):
            owners.setdefault(symbol, set()).add(component)
    return {symbol: next(iter(those)) for symbol, those in owners.items() if len(those) == 1}


def linked(program, owners):
    """The components of which a program holds something."""
    symbols = defined(program, "TtDdBbRr")
    of_libraries = {owners[symbol] for symbol in symbols & owners.keys()}
    # In every program: where it begins, and what the compiler calls.
    always = {installed("libc6-dev", "LGPL-2.1-or-later"),
              installed(f"libgcc-{run('gcc', '-dumpversion').strip()}-dev", "GPL-3.0-or-later WITH GCC-exception-3.1")}
    if "earshelf_dejavu_sans" in symbols:
        always |= {installed("fonts-dejavu-core", "Bitstream-Vera"),
                   installed("fonts-wqy-microhei", "Apache-2.0 OR GPL-3.0-or-later WITH Font-exception-2.0")}
    return sorted(of_libraries | always, key=lambda component: component.name)


def digest(algorithm, path):
    return hashlib.file_digest(path.open("rb"), algorithm).hexdigest()


def program_identifier(name):
    return f"SPDXRef-Program-{name}"


def files_of(folder):
    """What the bundle is made of."""
    files = []
    for number, path in enumerate(sorted(path for path in folder.rglob("*") if path.is_file())):
        name = path.relative_to(folder).as_posix()
        is_program = bool(path.stat().st_mode & 0o100)
        files.append({
            "SPDXID": program_identifier(path.name) if is_program else f"SPDXRef-File-{number}", "fileName": f"./{name}",
            "fileTypes": ["BINARY" if is_program else "TEXT"],
            "checksums": [{"algorithm": kind.upper(), "checksumValue": digest(kind, path)} for kind in ("sha1", "sha256")],
            "licenseConcluded": "NOASSERTION", "licenseInfoInFiles": ["NOASSERTION"], "copyrightText": "NOASSERTION"})
    return files


def ours(identifier, name, commit, purpose, **more):
    return {
        "SPDXID": identifier, "name": name, "versionInfo": commit, "supplier": "NOASSERTION",
        "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "primaryPackagePurpose": purpose,
        "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION"} | more


def bill(bundles, name, source, programs, moment, commit):
    """The document of one bundle, or of the layer.

    :param source: what its programs are made from, as a package.
    :param programs: the components that each of its programs is linked with.
    """
    archive, files = bundles / f"{name}.zip", files_of(bundles / name)
    of_archive = digest("sha256", archive)
    sums = "".join(sorted(file["checksums"][0]["checksumValue"] for file in files))
    bundle = ours(
        "SPDXRef-Bundle", f"earshelf-{name}", commit, "APPLICATION", packageFileName=archive.name, filesAnalyzed=True,
        # SPDX 2.3, 7.9.
        packageVerificationCode={"packageVerificationCodeValue": hashlib.sha1(sums.encode()).hexdigest()},
        checksums=[{"algorithm": "SHA256", "checksumValue": of_archive}])
    has_roots = (bundles / name / "certs").is_dir() or (bundles / name / "etc/earshelf-roots.pem").is_file()
    roots = [installed("ca-certificates", "MPL-2.0")] if has_roots else []
    components = sorted(set().union(*programs.values()), key=lambda component: component.name)
    relations = [
        ("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Bundle"),
        *((program_identifier(program), "GENERATED_FROM", source["SPDXID"]) for program in programs),
        *(("SPDXRef-Bundle", "CONTAINS", file["SPDXID"]) for file in files),
        *((program_identifier(program), "STATIC_LINK", component.identifier)
          for program, those in programs.items() for component in those),
        *(("SPDXRef-Bundle", "CONTAINS", component.identifier) for component in roots)]
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"earshelf-{name}",
        # Another bundle has another name, and the same one the same.
        "documentNamespace": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, f'earshelf {name} {of_archive}')}",
        "creationInfo": {"created": moment, "creators": ["Tool: earshelf-packaging"]},
        "packages": [bundle, source, *(component.package() for component in [*components, *roots])],
        "files": files,
        "relationships": [
            {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
            for one, kind, other in relations]}


def commit_and_moment():
    """What was built, and when it was written: two builds of one commit have one bill."""
    def git(*arguments):
        done = subprocess.run(["git", *arguments], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct") or 315532800)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return os.environ.get("EARSHELF_COMMIT") or git("describe", "--always", "--dirty", "--abbrev=40") or "unknown", moment


def told(name, components, expected):
    """The components of a program, in which one of this name must be."""
    if not any(component.name == expected for component in components):
        sys.exit(f"build.sh: of {name} it cannot be told what it is linked with: is it stripped?")
    return components


def main(bundles, programs, static):
    commit, moment = commit_and_moment()

    def write(name, source, linked_with):
        document = bill(bundles, name, source, linked_with, moment, commit)
        (bundles / f"{name}.spdx.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")

    owners, own_source = own_symbols(libraries(static)), ours("SPDXRef-Source", "earshelf", commit, "SOURCE")
    for name in sorted(path.stem for path in bundles.glob("*.zip") if path.stem != LAYER):
        write(name, own_source, {"bootstrap": told(name, linked(programs / name, owners), "swift")})
    owners, folder = own_symbols(libraries_of_ffmpeg()), static / "ffmpeg"
    write(LAYER, fetched(folder, "ffmpeg", "LGPL-2.1-or-later").package(), {
        name: told(name, linked(folder / name, owners), "openssl") for name in ("ffmpeg", "ffprobe")})


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:4]))
