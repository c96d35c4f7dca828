#!/bin/sh
# Holds a folder of FHIR JSON (Bundles, resources, NDJSON) against four validators of base R4 that others wrote: npm fhir,
# @medplum/core, PyPI fhirkit-rs and PyPI fhir.resources (Bundles only); and looks for references that point to nothing.
#
#   tests/validators/validate.sh FOLDER [WORK]
#
# WORK (a new folder under the system's temporary one unless given) keeps the packages. Ends with 1 where any complains.
set -u
here=$(cd "$(dirname "$0")" && pwd)
folder=$(cd "$1" && pwd)
work=${2:-$(mktemp -d)}
mkdir -p "$work"
[ -d "$work/node_modules" ] || {
    cp "$here/package.json" "$here/package-lock.json" "$work/"
    (cd "$work" && npm ci --ignore-scripts --silent) || exit 2
}
cp "$here/validate.mjs" "$work/"
[ -x "$work/python/bin/fhirkit" ] || {
    python3 -m venv "$work/python" && "$work/python/bin/pip" install --quiet -r "$here/requirements.txt" || exit 2
}
failed=0
node "$work/validate.mjs" "$folder" || failed=1
find "$folder" -name '*.json' -exec "$work/python/bin/fhirkit" validate {} + || failed=1
"$work/python/bin/python" "$here/models.py" "$folder" || failed=1
python3 "$here/references.py" "$folder" || failed=1
exit $failed
