// What happened underneath one message: what was understood, done, recorded and answered.

import { get } from "./api.js";
import { $, h } from "./dom.js";
import { domId } from "./bubbles.js";
import { summary } from "./chatlist.js";
import { clockTime } from "./format.js";
import { icon } from "./icons.js";
import { toggleDrawer } from "./conversation.js";
import { on, openChat, state } from "./store.js";

const TINTS = ["#1e88e5", "#d9822b", "#7b61c4", "#2a9d8f", "#c2566e", "#8a9a3b"];
const SURE = 0.7;

export function startDrawer() {
  on("drawer", draw);
  on("open", () => { state.selected = null; draw(); });
  on("message", ({ chat, message }) => {
    if (chat === openChat() && message.by === "person") state.selected = null;
    draw();
  });
  on("trace", draw);
  on("update", draw);
}

function draw() {
  $("#app").dataset.drawer = state.drawer ? "open" : "closed";
  const drawer = $("#drawer");
  drawer.hidden = !state.drawer;
  for (const toggle of document.querySelectorAll('[data-testid="toggle-drawer"]')) toggle.setAttribute("aria-pressed", String(state.drawer));
  for (const old of document.querySelectorAll(".bubble.selected")) old.classList.remove("selected");
  if (!state.drawer) return;
  const message = shown();
  if (message && state.selected) document.getElementById(domId(message.id))?.querySelector(".bubble").classList.add("selected");
  const scrolled = $(".drawer-body")?.scrollTop ?? 0;
  drawer.replaceChildren(
    h("header", { class: "drawer-head" }, h("h2", {}, "What happened"),
      h("button", { class: "icon-button", "aria-label": "Close", "data-testid": "close-drawer", onclick: toggleDrawer }, icon("close"))),
    h("div", { class: "drawer-body" }, ...(message ? about(message) : [h("p", { class: "drawer-empty" }, "Write something, and see here how the shop understood it.")])));
  $(".drawer-body").scrollTop = scrolled;
}

function shown() {
  const messages = openChat()?.messages ?? [];
  return messages.find((message) => message.id === state.selected) ?? messages.findLast((message) => message.by === "person");
}

const asked = new Set();

function about(message) {
  const trace = state.traces.get(message.id);
  if (!trace && !asked.has(message.id)) {
    asked.add(message.id);
    get(`traces/${message.id}`).then((answer) => {
      if (!answer.trace) return;
      state.traces.set(message.id, answer.trace);
      draw();
    }).catch(() => {});
  }
  return [
    h("h3", {}, "Said"),
    said(message, trace?.entities ?? []),
    ...(trace ? underneath(trace) : [h("h3", {}, "Understood"), h("p", { class: "drawer-empty" }, hasPlainAnswer(message))]),
    h("h3", {}, "On the wire"),
    wire(message),
  ];
}

function hasPlainAnswer(message) {
  const later = openChat().messages.some((other) => other.by === "business" && other.seq > message.seq);
  return later
    ? "The shop answered, but told no trace. Start it with BAHI_TRACE=1 to see its thoughts here."
    : "No answer yet.";
}

/** The sentence, with what was found in it marked where it stands. */
function said(message, entities) {
  const text = message.type === "text" ? message.text.body : summary(message);
  const box = h("div", { class: "said", dir: "auto" });
  const spans = entities.filter((one) => Number.isInteger(one.start) && one.end <= text.length).sort((a, b) => a.start - b.start);
  let at = 0;
  for (const [place, entity] of spans.entries()) {
    if (entity.start < at) continue;
    box.append(text.slice(at, entity.start), h("mark", { style: `--tint:${TINTS[place % TINTS.length]}`, title: entity.entity }, text.slice(entity.start, entity.end)));
    at = entity.end;
  }
  box.append(text.slice(at));
  return box;
}

function underneath(trace) {
  const sure = Number(trace.confidence ?? 0);
  const others = (trace.ranking ?? []).filter((one) => one.name !== trace.intent && one.confidence >= 0.005);
  const actions = (trace.actions ?? []).filter((action) => action !== "action_listen");
  const replies = trace.reply ? [trace.reply] : trace.responses ?? [];
  const took = trace.ms ?? trace.milliseconds;
  return [
    ...(trace.skipped ? [h("h3", {}, "Not answered"), h("p", { class: "drawer-empty" }, valueOf(trace.skipped))] : []),
    h("h3", {}, "Understood"),
    h("div", { class: "intent", "data-testid": "trace-intent" }, trace.intent ?? "—", h("span", {}, `${percent(sure)} sure`)),
    h("div", { class: `meter ${sure < SURE ? "low" : ""}` }, h("i", { style: `width:${Math.round(sure * 100)}%` })),
    ...(others.length ? [h("p", { class: "others" }, `or ${others.map((one) => `${one.name} ${percent(one.confidence)}`).join(", ")}`)] : []),
    ...(trace.entities?.length ? [h("h3", {}, "Found in it"), facts(trace.entities.map((one) => [one.entity, found(one)]))] : []),
    ...(actions.length ? [h("h3", {}, "Did"), steps(actions.map((action) => [valueOf(action)]))] : []),
    ...(trace.events?.length ? [h("h3", {}, "Recorded in the journal"), steps(trace.events.map((event) => [event.kind, `#${event.seq} ${event.entity ?? ""}`]))] : []),
    h("h3", {}, "Answered"),
    facts([
      ["with", replies.map(valueOf).join(", ") || "—"],
      trace.form && ["asking in", trace.form],
      took !== undefined && ["in", `${Math.round(took)} ms`],
    ].filter(Boolean)),
  ];
}

const percent = (share) => `${Math.round(Number(share) * 100)} %`;
const found = (one) => h("span", {}, valueOf(one.value), one.extractor && h("small", {}, ` ${one.extractor}`));
const valueOf = (value) => (typeof value === "string" ? value : JSON.stringify(value));

function facts(pairs) {
  return h("dl", { class: "facts" }, ...pairs.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

function steps(items) {
  return h("ul", { class: "steps" }, ...items.map(([what, detail]) => h("li", {}, what, detail && h("small", {}, detail))));
}

function wire(message) {
  const said = { sent: "left the phone; the gateway has not taken it yet", delivered: "taken by the gateway", read: "read by the shop", failed: "failed" };
  const content = message[message.type];
  return h("dl", { class: "facts" },
    h("dt", {}, "at"), h("dd", {}, clockTime(message.at)),
    h("dt", {}, "type"), h("dd", {}, message.type),
    ...(content?.button_reply || content?.list_reply ? [h("dt", {}, "id"), h("dd", { class: "code" }, (content.button_reply ?? content.list_reply).id)] : []),
    h("dt", {}, "status"), h("dd", {}, said[message.status] ?? message.status),
    h("dt", {}, "wamid"), h("dd", { class: "code" }, message.id));
}
