#!/bin/sh
# Times our summary beside that of npm @imranq2/fhirpatientsummary on the same patient, on this machine, one after the other.
#
#   tests/summary/compare.sh [FILE]
#
# FILE is a FHIR Bundle with its Patient; without it, the made-up design patient of 2,000 resources.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
file=${1:-$work/patient.json}
cp "$here/package.json" "$here/summary.mjs" "$work/"
(cd "$work" && npm install --ignore-scripts --silent)
cargo run --quiet --release -p carnet-records --features generator --example measure_summary -- "$file"
node "$work/summary.mjs" "$file"
