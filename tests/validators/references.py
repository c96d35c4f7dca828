"""Looks for urn:uuid references in a folder of FHIR Bundles that point to nothing in the same Bundle, for contained
references that point to nothing, and for two resources of one id. Prints each; ends with 1 where there is any."""
import json
import os
import sys


def walk(value, found):
    if isinstance(value, dict):
        reference = value.get("reference")
        if isinstance(reference, str):
            found.append(reference)
        for inner in value.values():
            walk(inner, found)
    elif isinstance(value, list):
        for inner in value:
            walk(inner, found)


faults = 0
for folder, _, names in os.walk(sys.argv[1]):
    for name in sorted(names):
        if not name.endswith(".json"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            bundle = json.load(file)
        urls = [entry.get("fullUrl") for entry in bundle.get("entry") or []]
        for url in {url for url in urls if url and urls.count(url) > 1}:
            faults += 1
            print(f"twice\t{name}\t{url}")
        for entry in bundle.get("entry") or []:
            resource = entry["resource"]
            inside = {"#" + part["id"] for part in resource.get("contained") or []}
            found = []
            walk(resource, found)
            for reference in found:
                if (reference.startswith("urn:uuid:") and reference not in urls) or (
                    reference.startswith("#") and reference not in inside
                ):
                    faults += 1
                    print(f"dangling\t{name}\t{resource['resourceType']}/{resource.get('id')}\t{reference}")
print(f"{faults} references or ids at fault", file=sys.stderr)
sys.exit(1 if faults else 0)
