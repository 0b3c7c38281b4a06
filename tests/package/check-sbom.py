#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-sbom.py ROOT BUILD: what ci/sbom says of BUILD is an SPDX 2.3 document, complete, and true.

It has the fields that SPDX requires, in the forms that it requires; its relationships lead to packages that are there;
every shared library that an installed file asks for is in it; the embedded jemalloc has the checksum of the archive
that Meson keeps, where there is one; and asked twice, it says the same.
"""
import hashlib
import json
import pathlib
import re
import subprocess
import sys

ELEMENT = r"SPDXRef-[a-zA-Z0-9.-]+"
URI = r"[a-z][a-z0-9+.-]*:[^#\s]+"
DOCUMENT = {
    "spdxVersion": r"SPDX-2\.3",
    "dataLicense": r"CC0-1\.0",
    "SPDXID": r"SPDXRef-DOCUMENT",
    "name": r"lintel-\d+\.\d+\.\d+",
    "documentNamespace": URI,
}
PACKAGE = {
    "name": r"\S+",
    "SPDXID": ELEMENT,
    "versionInfo": r"\d[\w.+~-]*",
    "downloadLocation": rf"NOASSERTION|{URI}",
    "licenseConcluded": r"[A-Z][\w.-]+(?: OR [A-Z][\w.-]+)*",
    "licenseDeclared": r"[A-Z][\w.-]+(?: OR [A-Z][\w.-]+)*",
    "copyrightText": r".+",
}


def require(holds, what):
    if not holds:
        sys.exit(f"broken: {what}")


def check_form(thing, fields, what):
    for field, form in fields.items():
        value = thing.get(field)
        require(isinstance(value, str) and re.fullmatch(form, value), f"{field} of {what} is {value!r}")


def check_document(sbom):
    check_form(sbom, DOCUMENT, "the document")
    check_form(sbom["creationInfo"], {"created": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"}, "the document")
    require(all(re.fullmatch(r"Tool: \S+-\S+", name) for name in sbom["creationInfo"]["creators"]), "creators")
    for package in sbom["packages"]:
        check_form(package, PACKAGE, package.get("name"))
        require(package["filesAnalyzed"] is False, f"{package['name']}: no list of its files is there")


def check_relationships(sbom):
    elements = [sbom["SPDXID"], *(package["SPDXID"] for package in sbom["packages"])]
    require(len(elements) == len(set(elements)), "each element has an identifier of its own")
    related = [relation["relatedSpdxElement"] for relation in sbom["relationships"]]
    require(sorted(related) == sorted(elements[1:]), "every package is related to something, once")
    require(all(r["spdxElementId"] in elements for r in sbom["relationships"]), "relationships start at an element")
    first = sbom["relationships"][0]
    require(first["relationshipType"] == "DESCRIBES" and first["relatedSpdxElement"] == "SPDXRef-lintel", "DESCRIBES")


def check_linked(sbom, build):
    said = {name for package in sbom["packages"] for name in package.get("sourceInfo", "").split()}
    files = [build / "src/liblintel.so", build / "stress/lintel-stress"]
    for file in filter(pathlib.Path.exists, files):
        dynamic = subprocess.run(["readelf", "-d", file], check=True, stdout=subprocess.PIPE, text=True).stdout
        for soname in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic):
            require(soname in said or soname.startswith("liblintel."), f"{file.name} asks for {soname}")


def check_embedded(sbom, archives):
    for package in sbom["packages"]:
        for checksum in package.get("checksums", []):
            require(checksum["algorithm"] == "SHA256", "the checksum is a sha256")
            archive = archives / package["packageFileName"]
            if archive.exists():
                digest = hashlib.sha256(archive.read_bytes()).hexdigest()
                require(checksum["checksumValue"] == digest, f"the checksum of {package['name']} is that of {archive}")


def main(root, build):
    command = [pathlib.Path(root, "ci/sbom"), build]
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    sbom = json.loads(text)
    check_document(sbom)
    check_relationships(sbom)
    check_linked(sbom, pathlib.Path(build))
    check_embedded(sbom, pathlib.Path(root, "subprojects/packagecache"))
    again = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    require(text == again, "the same build has the same document")
    print("\n".join(f"{package['name']} {package['versionInfo']}" for package in sbom["packages"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
