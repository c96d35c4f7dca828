// Writes what reading FHIR DSTU2 or STU3 in XML must know beside R4: the kinds of resource that are converted to R4.
//
//     npm i --ignore-scripts @types/fhir@0.0.41
//     node crates/records/tables/fhir_older_elements.mjs node_modules r2 > crates/records/src/import/fhir_xml/fhir-dstu2-elements.txt
//     node crates/records/tables/fhir_older_elements.mjs node_modules r3 > crates/records/src/import/fhir_xml/fhir-stu3-elements.txt
//
// Source: the definitions of FHIR 1.0.2 and 3.0.2 (CC0, https://hl7.org/fhir/STU3/license.html) in TypeScript, as npm packs
// them. Facts only: names, whether an element repeats, its type. Choices are written out.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [modules, version] = process.argv.slice(2);
// The kinds of `src/older/dstu2.rs` and `src/older/stu3.rs`, and the types that R4 has otherwise.
const kinds = {
  r2: `AllergyIntolerance Condition DiagnosticReport Immunization Medication MedicationDispense MedicationOrder
    MedicationStatement Observation Organization Patient Practitioner Procedure HumanName Timing`,
  r3: `AllergyIntolerance Appointment Binary CarePlan CareTeam Composition Condition Coverage Device DeviceUseStatement
    DiagnosticReport DocumentReference Encounter EpisodeOfCare FamilyMemberHistory Flag Goal Immunization List Location
    Medication MedicationAdministration MedicationDispense MedicationRequest MedicationStatement NutritionOrder Observation
    Organization Patient Practitioner PractitionerRole Procedure ProcedureRequest ReferralRequest RelatedPerson Specimen
    Substance DeviceRequest ImmunizationRecommendation Dosage`,
}[version].split(/\s+/);

const source = readFileSync(join(modules, "@types/fhir", `${version}.d.ts`), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
const interfaces = new Map();
for (const [, name, base, body] of source.matchAll(/export interface (\w+) extends (\w+) \{([\s\S]*?)\n\}/g)) {
  const elements = [];
  for (const [, member, type] of body.matchAll(/^ {2}(?:readonly )?(\w+)\??: ([^;]*?)(?: \| undefined)?;$/gm)) {
    if (member.startsWith("_") || member === "resourceType") continue;
    const many = type.endsWith("[]") || type.startsWith("Array<");
    const plain = type.replace(/\[\]$|^Array<|>$|[()]/g, "").trim();
    const of = { number: "decimal", FhirResource: "Resource" }[plain] ?? (/^\w+$/.test(plain) ? plain : "string");
    elements.push(`${member}${many ? "*" : ":"}${of}`);
  }
  interfaces.set(name, { base, elements });
}

const written = new Set();
const write = (name) => {
  if (written.has(name)) return;
  written.add(name);
  const { base, elements } = interfaces.get(name);
  console.log([`${name}<${base}`, ...elements].join(" "));
  for (const element of elements) {
    const type = element.split(/[*:]/)[1];
    // The parts of a kind; any other type is R4's.
    if (type !== name && type.startsWith(kinds.find((kind) => name.startsWith(kind)) ?? name) && interfaces.has(type)) write(type);
  }
};
const title = { r2: "DSTU2 1.0.2, https://hl7.org/fhir/DSTU2/", r3: "STU3 3.0.2, https://hl7.org/fhir/STU3/" }[version];
console.log(`# HL7 FHIR ${title} (CC0): kinds of resource that are converted to R4. Written by tables/fhir_older_elements.mjs.`);
console.log("# A line is a type and what it extends, then its elements: `name:type` once, `name*type` repeated.");
kinds.forEach(write);
