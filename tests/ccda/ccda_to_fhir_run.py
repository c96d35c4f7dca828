"""Converts the documents of a folder with PyPI ccda-to-fhir; prints one line of JSON a document, as medplum.mjs does."""
import json
import logging
import os
import sys
import time

from ccda_to_fhir import convert_document

logging.disable(logging.CRITICAL)
folder = sys.argv[1]
spent = 0.0
for name in sorted(os.listdir(folder)):
    with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
        text = file.read()
    start = time.perf_counter()
    try:
        result = convert_document(text.lstrip("\ufeff"))
        line = {"file": name, "bundle": result["bundle"]}
    except Exception as error:  # it raises many kinds; each is counted as a document that it could not convert
        line = {"file": name, "error": f"{type(error).__name__}: {error}"}
    spent += time.perf_counter() - start
    print(json.dumps(line, default=str))
print(f"{spent:.2f}", file=sys.stderr)
