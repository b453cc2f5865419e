// Before a form is sent, the browser solves a challenge (ALTCHA). A word says so; nothing is asked of the reader. Where
// it fails, the form is sent without its solution, as by a browser that runs no scripts.
import "./altcha.js";

$altcha.algorithms.set("PBKDF2/SHA-256", () => new Worker(new URL("altcha-pbkdf2.js", import.meta.url)));

for (const widget of document.querySelectorAll("altcha-widget")) {
  const form = widget.closest("form");
  const status = form.querySelector("[data-challenge-status]");
  let submitter = null;
  form.addEventListener("submit", (event) => { submitter = event.submitter; }, true);
  widget.addEventListener("statechange", (event) => {
    status.textContent = event.detail.state === "verifying" ? status.dataset.text : "";
    if (event.detail.state === "error") form.requestSubmit(submitter);
  });
}
