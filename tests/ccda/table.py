"""Prints, for each document, how many clinical records each converter made of it; fails where ours made fewer than the
best of the others.

A clinical record is a resource of one of the types below with an id of its own (or, where the converter gives none, a place
in the Bundle of its own). The same rules for all three:
- Medication is left out: it is the name of what a statement or request is about. So are Devices that belong to no patient:
  they are programs.
- A Device that only stands in a procedure that was not done ("no implants") is not counted: there is none.
- A resource that says nothing (no code, no words, no value, nothing it refers to) is not counted.
- An Observation that only gives the status, severity, criticality, age at onset or source of another entry is not counted:
  in FHIR these are members of that entry, and one converter writes them twice.
- A FamilyMemberHistory counts for itself and for each condition, each remark of a condition that the relative has not, and
  the relative's death in it, as one converter makes an Observation of each of these."""
import json
import sys

CLINICAL = {
    "AllergyIntolerance", "Appointment", "CarePlan", "CareTeam", "Condition", "Coverage", "Device", "DeviceRequest",
    "DeviceUseStatement", "DiagnosticReport", "Encounter", "FamilyMemberHistory", "Goal", "Immunization", "MedicationAdministration",
    "MedicationDispense", "MedicationRequest", "MedicationStatement", "NutritionOrder", "Observation", "Procedure", "ServiceRequest",
    "SupplyDelivery", "SupplyRequest",
}


PARTS = {"33999-4", "SEV", "82606-5", "445518008", "48766-0"}
SAYS = (
    "code", "vaccineCode", "medicationCodeableConcept", "description", "type", "class", "category", "codeCodeableConcept",
    "relationship", "component",
)
REFERS = (
    "medicationReference", "usedReference", "focalDevice", "udiCarrier", "period", "participant", "payor",
    "activity", "target", "device", "dispenseRequest",
)


def says(value):
    """Whether a CodeableConcept, Coding, list or text has a code or words in it."""
    if isinstance(value, list):
        return any(says(item) for item in value)
    if isinstance(value, dict):
        return any(value.get(key) for key in ("code", "text", "display")) or says(value.get("coding") or [])
    return bool(value)


def value_says(key, value):
    if not key.startswith("value"):
        return False
    if isinstance(value, dict) and "coding" not in value and "text" not in value:
        return any(part not in (None, "") for name, part in value.items() if name not in ("system", "unit", "code"))
    return says(value) or isinstance(value, (bool, int, float))


def counts(resource):
    kind = resource.get("resourceType")
    if kind not in CLINICAL or (kind == "Device" and "patient" not in resource):
        return 0
    codes = {coding.get("code") for coding in (resource.get("code") or {}).get("coding") or []}
    if kind == "Observation" and codes & PARTS:
        return 0
    told = [key for key in SAYS if key != "category" or kind == "CarePlan"]
    has = any(says(resource.get(key)) for key in told) or any(resource.get(key) for key in REFERS)
    has = has or any(value_says(key, value) for key, value in resource.items())
    if not has:
        return 0
    if kind != "FamilyMemberHistory":
        return 1
    died = any(resource.get(key) for key in ("deceasedBoolean", "deceasedDate", "deceasedAge"))
    return 1 + len(resource.get("condition") or []) + len(resource.get("note") or []) + died


def count(bundle):
    seen = {}
    denied = set()
    for entry in bundle.get("entry") or []:
        resource = entry.get("resource") or {}
        if resource.get("resourceType") == "Procedure" and resource.get("status") == "not-done":
            used = list(resource.get("usedReference") or [])
            used += [device.get("manipulated") or {} for device in resource.get("focalDevice") or []]
            denied |= {(reference.get("reference") or "").split(":")[-1].split("/")[-1] for reference in used}
    for at, entry in enumerate(bundle.get("entry") or []):
        resource = entry.get("resource") or {}
        if resource.get("resourceType") == "Device" and resource.get("id") in denied:
            continue
        key = (resource.get("resourceType"), resource.get("id") or entry.get("fullUrl") or at)
        seen[key] = counts(resource)
    return sum(seen.values())


def load(path):
    out = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            out[record["file"]] = count(record["bundle"]) if "bundle" in record else None
    return out


def main(ours, medplum, other, times):
    ours, medplum, other = load(ours), load(medplum), load(other)
    shown = lambda number: "-" if number is None else str(number)
    print(f"{'carnet':>7} {'medplum':>8} {'ccda-to-fhir':>13}  document")
    fewer = []
    for name in sorted(ours):
        best = max(medplum.get(name) or 0, other.get(name) or 0)
        mark = ""
        if ours[name] is None or ours[name] < best:
            fewer.append(name)
            mark = "  <-- fewer"
        print(f"{shown(ours[name]):>7} {shown(medplum.get(name)):>8} {shown(other.get(name)):>13}  {name}{mark}")
    total = lambda table: sum(number or 0 for number in table.values())
    read = lambda table: sum(number is not None for number in table.values())
    print(f"{total(ours):>7} {total(medplum):>8} {total(other):>13}  clinical records in all")
    print(f"{read(ours):>7} {read(medplum):>8} {read(other):>13}  documents read, of {len(ours)}")
    print("  ".join(f"{name} {seconds} s" for name, seconds in zip(("carnet", "medplum", "ccda-to-fhir"), times)))
    if fewer:
        print(f"fewer than the best of the others on {len(fewer)} documents")
    sys.exit(1 if fewer else 0)


main(*sys.argv[1:4], sys.argv[4:7])
