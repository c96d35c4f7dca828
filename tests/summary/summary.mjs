// The time that npm @imranq2/fhirpatientsummary takes to make a summary of a FHIR Bundle: the best of twenty.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// Its entry for modules names a file that is not in the package.
const { ComprehensiveIPSCompositionBuilder } = createRequire(import.meta.url)("@imranq2/fhirpatientsummary");

const bundle = JSON.parse(readFileSync(process.argv[2], "utf8"));
const patient = bundle.entry.map((entry) => entry.resource).find((resource) => resource.resourceType === "Patient");
let best = Infinity;
let entries = 0;
for (let round = 0; round < 20; round += 1) {
  const start = performance.now();
  const builder = new ComprehensiveIPSCompositionBuilder().setPatient(patient);
  await builder.readBundleAsync(bundle, "UTC");
  const now = new Date("2026-06-01T00:00:00Z");
  const made = await builder.buildBundleAsync("1", "Carnet", "https://example.org", "UTC", false, patient.id, now);
  const text = JSON.stringify(made);
  best = Math.min(best, performance.now() - start);
  entries = made.entry.length;
  if (text.length === 0) process.exit(1);
}
console.log(`npm\t${bundle.entry.length} records in, ${entries} entries out\t${best.toFixed(1)} ms`);
