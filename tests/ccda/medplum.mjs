// Converts the documents of a folder with @medplum/ccda; prints one line of JSON a document: {file, bundle} or {file, error}.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

// Its core asks for a WebSocket at load, which Node has from version 22.
globalThis.WebSocket ??= class {};
const { convertCcdaToFhir, convertXmlToCcda } = await import("@medplum/ccda");

const folder = process.argv[2];
let spent = 0;
for (const file of readdirSync(folder).sort()) {
  const text = readFileSync(join(folder, file), "utf8");
  const start = performance.now();
  let line;
  try {
    line = { file, bundle: convertCcdaToFhir(convertXmlToCcda(text)) };
  } catch (error) {
    line = { file, error: String(error.message) };
  }
  spent += performance.now() - start;
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
process.stderr.write(`${(spent / 1000).toFixed(2)}\n`);
