"""Reads every Bundle in a folder of FHIR JSON into the models of fhir.resources (R4B), which check types, required elements and
dates. Prints each complaint; ends with 1 where there is any."""
import os
import sys

from fhir.resources.R4B.bundle import Bundle

faults = 0
count = 0
for folder, _, names in os.walk(sys.argv[1]):
    for name in sorted(names):
        if not name.endswith(".json"):
            continue
        count += 1
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            text = file.read()
        try:
            Bundle.model_validate_json(text)
        except ValueError as error:
            faults += 1
            first = " ".join(str(error).split("\n")[:3])
            print(f"fhir.resources\t{name}\t{first}")
print(f"{count} Bundles, {faults} refused by fhir.resources", file=sys.stderr)
sys.exit(1 if faults else 0)
