"""Copies the documents of a folder into another one, flat. A section or entry that stands alone is put into a document
with a made-up header, which the other converters cannot do without; ours reads the same files as they do."""
import hashlib
import os
import re
import sys

HEADER = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<realmCode code="US"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="2.16.840.1.113883.10.20.22.1.1" extension="2015-08-01"/>
<templateId root="2.16.840.1.113883.10.20.22.1.2" extension="2015-08-01"/>
<id root="2.16.840.1.113883.19.5.99999.1" extension="{id}"/>
<code code="34133-9" codeSystem="2.16.840.1.113883.6.1" displayName="Summarization of Episode Note"/>
<title>Summary</title><effectiveTime value="20200101120000+0000"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/><languageCode code="en-US"/>
{patient}
<author><time value="20200101120000+0000"/><assignedAuthor><id root="2.16.840.1.113883.4.6" extension="1234567893"/>
<addr><streetAddressLine>1 Example Street</streetAddressLine><city>Example</city><state>OR</state><postalCode>97000</postalCode><country>US</country></addr>
<telecom use="WP" value="tel:+1(555)555-0100"/><assignedPerson><name><given>Ann</given><family>Author</family></name></assignedPerson></assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="2.16.840.1.113883.4.6" extension="1234567893"/>
<name>Example Clinic</name><telecom use="WP" value="tel:+1(555)555-0100"/>
<addr><streetAddressLine>1 Example Street</streetAddressLine><city>Example</city><state>OR</state><postalCode>97000</postalCode><country>US</country></addr>
</representedCustodianOrganization></assignedCustodian></custodian>
{event}<component><structuredBody>{body}</structuredBody></component></ClinicalDocument>
"""
PATIENT = """<recordTarget><patientRole><id root="2.16.840.1.113883.19.5.99999.2" extension="998991"/>
<addr use="HP"><streetAddressLine>2 Example Street</streetAddressLine><city>Example</city><state>OR</state><postalCode>97000</postalCode><country>US</country></addr>
<telecom value="tel:+1(555)555-0101" use="HP"/><patient><name use="L"><given>Ada</given><family>Example</family></name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19700101"/></patient></patientRole></recordTarget>"""


def wrapped(text, name):
    bare = re.sub(r"<\?.*?\?>", "", text, flags=re.S).strip().lstrip("\ufeff")
    first = re.search(r"<([A-Za-z][\w.:-]*)", re.sub(r"<!--.*?-->", "", bare, flags=re.S))
    root = first.group(1).split(":")[-1] if first else ""
    if root == "ClinicalDocument" or not root:
        return text
    patient, event, body = PATIENT, "", ""
    if root == "recordTarget":
        patient = bare
    elif root == "documentationOf":
        event = bare
    elif root == "component":
        body = bare
    elif root == "section":
        body = f"<component>{bare}</component>"
    else:
        entry = bare if root == "entry" else f"<entry>{bare}</entry>"
        body = f"<component><section><code code='48767-8' codeSystem='2.16.840.1.113883.6.1'/><title>S</title><text>S</text>{entry}</section></component>"
    identity = hashlib.sha256(name.encode()).hexdigest()[:12]
    return HEADER.format(id=identity, patient=patient, event=event, body=body)


def main(source, target):
    os.makedirs(target, exist_ok=True)
    for folder, _, names in os.walk(source):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.splitext(name)[1].lower() not in (".xml", ".ccd", ".cda"):
                continue
            flat = os.path.relpath(path, source).replace(os.sep, "__").replace(" ", "_")
            with open(path, "rb") as file:
                data = file.read()
            try:
                text = data.decode("utf-8")
            except UnicodeDecodeError:
                text = None
            out = os.path.join(target, flat)
            if text is None:
                with open(out, "wb") as file:
                    file.write(data)
            else:
                with open(out, "w", encoding="utf-8") as file:
                    file.write(wrapped(text, flat))


main(sys.argv[1], sys.argv[2])
