#!/bin/sh
# Holds our reader of C-CDA against two that others wrote: npm @medplum/ccda and PyPI ccda-to-fhir.
#
#   tests/ccda/compare.sh FOLDER [WORK]
#
# FOLDER holds documents, or sections and entries alone, in any depth. WORK (a new folder under the system's temporary one
# unless given) keeps the packages and every converter's output. Ends with 1 where on any document we make fewer clinical
# records than the best of the two. Needs node, python3 and cargo. CARNET_PROFILE=release builds ours for speed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(cd "$1" && pwd)
work=${2:-$(mktemp -d)}
mkdir -p "$work/npm"
profile=${CARNET_PROFILE:-dev}

[ -d "$work/npm/node_modules" ] || {
    cp "$here/package.json" "$here/package-lock.json" "$work/npm/"
    (cd "$work/npm" && npm ci --ignore-scripts --silent)
}
cp "$here/medplum.mjs" "$work/npm/"
[ -x "$work/python/bin/python" ] || {
    python3 -m venv "$work/python"
    "$work/python/bin/pip" install --quiet -r "$here/requirements.txt"
}

rm -rf "$work/documents" "$work/carnet"
python3 "$here/prepare.py" "$folder" "$work/documents"
cargo build --quiet --manifest-path "$here/../../Cargo.toml" -p carnet-records --example ccda_to_fhir --profile "$profile"
target=${CARGO_TARGET_DIR:-$here/../../target}
built=$profile
[ "$profile" = dev ] && built=debug

echo "documents: $(find "$work/documents" -type f | wc -l)"
(cd "$work/documents" && "$target/$built/examples/ccda_to_fhir" --lines . > "$work/carnet.jsonl" 2> "$work/carnet.time")
(cd "$work/npm" && node medplum.mjs "$work/documents" > "$work/medplum.jsonl" 2> "$work/medplum.time")
"$work/python/bin/python" "$here/ccda_to_fhir_run.py" "$work/documents" > "$work/ccda-to-fhir.jsonl" 2> "$work/ccda-to-fhir.time"
python3 "$here/table.py" "$work/carnet.jsonl" "$work/medplum.jsonl" "$work/ccda-to-fhir.jsonl" \
    "$(tail -n 1 "$work/carnet.time")" "$(tail -n 1 "$work/medplum.time")" "$(tail -n 1 "$work/ccda-to-fhir.time")"
