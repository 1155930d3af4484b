// Filters the matrix, opens its cells, and keeps both in the page's address. Without it everything is still there.
"use strict";

const form = document.querySelector("form.filters");
const shown = form.querySelector("output");
const buttons = [...document.querySelectorAll("button.cell")];
const groups = ["verdict", "provider", "family"];
const native = "command" in HTMLButtonElement.prototype;

const words = new Map();
function wordsOf(button) {
  const id = button.getAttribute("commandfor");
  if (!words.has(id)) {
    const found = document.getElementById(id).querySelectorAll(".find");
    words.set(id, [...found].map((part) => part.textContent).join("\n").toLowerCase());
  }
  return words.get(id);
}

function chosen(name) {
  return new Set([...form.elements].filter((box) => box.name === name && box.checked).map((box) => box.value));
}

function any(wanted, values) {
  return wanted.size === 0 || values.some((value) => wanted.has(value));
}

function filter() {
  const [verdicts, providers, families] = groups.map(chosen);
  const asked = form.elements.q.value.trim().toLowerCase();
  const filtered = verdicts.size || providers.size || families.size || asked;
  for (const part of document.querySelectorAll("[data-provider]")) {
    part.hidden = !any(providers, [part.dataset.provider]);
  }
  let cells = 0;
  const clauses = new Set();
  for (const button of buttons) {
    const row = button.closest("tr");
    const on = any(families, [row.parentElement.dataset.family])
      && any(providers, [button.parentElement.dataset.provider])
      && any(verdicts, button.dataset.verdicts.split(" "))
      && wordsOf(button).includes(asked);
    button.classList.toggle("off", !on);
    if (on) {
      cells += 1;
      clauses.add(row.dataset.clause);
    }
  }
  for (const row of document.querySelectorAll("tr[data-clause]")) {
    row.hidden = Boolean(filtered) && !clauses.has(row.dataset.clause);
  }
  for (const family of document.querySelectorAll("tbody")) {
    family.hidden = !family.querySelector("tr[data-clause]:not([hidden])");
  }
  const all = new Set(buttons.map((button) => button.closest("tr").dataset.clause));
  shown.textContent = `${clauses.size} of ${all.size} clauses, ${cells} of ${buttons.length} cells`;
}

function remember() {
  const state = new URLSearchParams();
  const asked = form.elements.q.value.trim();
  if (asked) state.set("q", asked);
  for (const name of groups) {
    for (const value of chosen(name)) state.append(name, value);
  }
  const open = document.querySelector("dialog[open]");
  if (open) state.set("open", open.id);
  history.replaceState(null, "", `#${state}`);
}

function recall() {
  const state = new URLSearchParams(location.hash.slice(1));
  form.elements.q.value = state.get("q") || "";
  for (const name of groups) {
    const values = state.getAll(name);
    for (const box of form.elements) if (box.name === name) box.checked = values.includes(box.value);
  }
  filter();
  const wanted = document.getElementById(state.get("open") || "");
  if (wanted instanceof HTMLDialogElement && !wanted.open) open(wanted);
}

function open(dialog) {
  for (const button of buttons) if (button.getAttribute("commandfor") === dialog.id) button.focus();
  dialog.showModal();
}

async function copy(button) {
  const line = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(line.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(line);
    button.textContent = "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
}

form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => { filter(); remember(); });
form.addEventListener("reset", () => setTimeout(() => { filter(); remember(); }));
addEventListener("hashchange", recall);
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.matches(".copy")) copy(button);
  else if (!native && button.matches(".cell")) document.getElementById(button.getAttribute("commandfor")).showModal();
});
for (const dialog of document.querySelectorAll("dialog")) dialog.addEventListener("toggle", remember);
addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("dialog.wrong article.wrong details")) part.open = true;
});
recall();
