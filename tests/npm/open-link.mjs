// Opens a SMART Health Link with kill-the-clipboard, a reader that none of us wrote.
// In: {"link", "recipient", "passcode"?}. Out: {"resources": [FHIR resources]} or {"refused": {"name", "message"}}.
import { text } from "node:stream/consumers";
import { SHLViewer } from "kill-the-clipboard";

const { link, recipient, passcode } = JSON.parse(await text(process.stdin));
let answer;
try {
  const viewer = new SHLViewer({ shlinkURI: link });
  const { fhirResources } = await viewer.resolveSHL({ recipient, passcode });
  answer = { resources: fhirResources };
} catch (error) {
  answer = { refused: { name: error.name, code: error.code ?? null, message: error.message } };
}
process.stdout.write(JSON.stringify(answer));
