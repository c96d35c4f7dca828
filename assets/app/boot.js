// Starts the compiled interface. A file of its own, because the content security policy allows no inline script.
import init from "./app.js";

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

// In the wallet's own window there is no other page: a file dropped on it must not replace the interface.
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => event.preventDefault());

init().catch((error) => {
  crashed();
  throw error;
});
