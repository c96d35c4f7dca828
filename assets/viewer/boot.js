// Starts the compiled interface. A file of its own, because the content security policy allows no inline script.
import init from "./viewer.js";

const crashed = () => {
  document.getElementById("main").hidden = true;
  document.getElementById("crash").hidden = false;
};

// The compiled part ends with a RuntimeError when it must stop; nothing on the page would answer any more.
addEventListener("error", (event) => {
  if (event.error instanceof WebAssembly.RuntimeError) crashed();
});
addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof WebAssembly.RuntimeError) crashed();
});

init().catch((error) => {
  crashed();
  throw error;
});
