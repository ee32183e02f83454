// While Bahi is being set up: how far it is, until it is ready.

import { get } from "./api.js";
import { $, h } from "./dom.js";
import { icon } from "./icons.js";

const LOOK_AGAIN = 700;
let hidden = false;

/** Watch the progress; the card goes away by itself. */
export async function watchSetup() {
  const progress = await get("setup").catch(() => null);
  if (progress?.ready) {
    $("#setup")?.remove();
    return;
  }
  if (progress && !hidden) draw(progress);
  setTimeout(watchSetup, LOOK_AGAIN);
}

function draw(progress) {
  const failed = progress.steps.some((step) => step.state === "failed");
  const card = h("div", { class: "sheet setup", role: "dialog", "aria-label": "Setting up", "data-testid": "setup" },
    h("div", { class: "setup-top" },
      h("img", { src: "/static/bahi.svg", alt: "", width: "52", height: "52" }),
      h("div", {}, h("h2", {}, failed ? "Set-up stopped" : "Opening the shop…"),
        h("p", {}, failed ? "The terminal says what to do." : "The first time takes a few minutes, later ones seconds."))),
    h("ul", {}, ...progress.steps.map(stepRow)),
    h("button", { class: "link-button", onclick: () => { hidden = true; $("#setup")?.remove(); } }, "Look around meanwhile"));
  const old = $("#setup");
  const cover = h("div", { class: "scrim", id: "setup" }, card);
  if (old) old.replaceChildren(card);
  else document.body.append(cover);
}

function stepRow(step) {
  const marks = { done: () => icon("check"), failed: () => icon("cross"), running: () => h("span", { class: "spinner" }) };
  return h("li", { dataset: { state: step.state } },
    h("span", { class: "mark" }, marks[step.state]?.() ?? ""),
    h("span", {}, step.name),
    h("small", {}, step.detail ?? ""),
    step.state === "running" && step.percent !== undefined && step.percent !== null &&
      h("div", { class: "bar" }, h("i", { style: `width:${Number(step.percent)}%` })));
}
