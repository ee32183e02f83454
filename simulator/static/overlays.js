// What lies over the page: the list sheet, the lightbox, the switcher, the file preview.

import { $, h } from "./dom.js";
import { fileSize } from "./format.js";
import { icon } from "./icons.js";
import { avatar, go, newNumber, roleName, shownName } from "./chatlist.js";
import { personOf, rows, shopOf, state } from "./store.js";

let closeTop = null;

/** Close what lies on top; false if nothing did. */
export function closeOverlay() {
  if (!closeTop) return false;
  closeTop();
  return true;
}

function show(element) {
  closeOverlay();
  const before = document.activeElement;
  const close = () => {
    element.remove();
    if (closeTop === close) closeTop = null;
    if (before?.isConnected) before.focus({ preventScroll: true });
  };
  closeTop = close;
  element.addEventListener("keydown", (event) => trapTab(event, element));
  $("#overlays").append(element);
  return close;
}

function trapTab(event, element) {
  if (event.key !== "Tab") return;
  const stops = [...element.querySelectorAll("button:not(:disabled), input, a[href]")];
  const first = stops[0];
  const last = stops.at(-1);
  if (event.shiftKey && document.activeElement === first) { event.preventDefault(); last?.focus(); }
  else if (!event.shiftKey && document.activeElement === last) { event.preventDefault(); first?.focus(); }
}

function scrim(sheet, style = "") {
  const cover = h("div", { class: `scrim ${style}` }, sheet);
  cover.addEventListener("click", (event) => { if (event.target === cover) closeOverlay(); });
  return cover;
}

const closeButton = () =>
  h("button", { class: "icon-button", "aria-label": "Close", "data-testid": "close-overlay", onclick: () => closeOverlay() }, icon("close"));

// ---------------------------------------------------------------- list

/** The sheet of a list message: choose a row, then send it, as on the phone. */
export function openList(action, onsend) {
  let chosen = null;
  const send = h("button", { class: "primary", disabled: true, "data-testid": "send-list", onclick: () => finish() }, "Send");
  const finish = () => { if (chosen) { closeOverlay(); onsend(chosen); } };
  const choose = (row, button) => {
    chosen = row;
    send.disabled = false;
    for (const other of sheet.querySelectorAll(".option")) other.setAttribute("aria-checked", String(other === button));
  };
  const rowOf = (row) => {
    const button = h("button", {
      class: "option", role: "radio", "aria-checked": "false", "data-testid": "list-row",
      onclick: () => choose(row, button), ondblclick: finish,
    },
    h("span", { class: "option-text" }, h("b", {}, row.title), row.description && h("span", {}, row.description)),
    h("span", { class: "radio", "aria-hidden": "true" }));
    return button;
  };
  const sheet = h("div", { class: "sheet", role: "dialog", "aria-modal": "true", "aria-label": action.button, "data-testid": "list-sheet" },
    h("div", { class: "sheet-head" }, closeButton(), h("h2", {}, action.button)),
    h("div", { class: "sheet-body", role: "radiogroup", "aria-label": action.button },
      ...action.sections.flatMap((section) => [
        section.title && h("div", { class: "sheet-section" }, section.title),
        ...section.rows.map(rowOf),
      ])),
    h("div", { class: "sheet-foot" }, send));
  sheet.addEventListener("keydown", (event) => moveAmong(event, [...sheet.querySelectorAll(".option")], finish));
  show(scrim(sheet));
  $(".option", sheet)?.focus({ preventScroll: true });
}

function moveAmong(event, options, finish) {
  const place = options.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    const next = options[(place + step + options.length) % options.length];
    next.focus();
    next.click();
  } else if (event.key === "Enter" && place >= 0 && options[place].getAttribute("aria-checked") === "true") {
    event.preventDefault();
    finish();
  }
}

// ------------------------------------------------------------- lightbox

export function openLightbox(source, caption) {
  show(h("div", { class: "lightbox", role: "dialog", "aria-modal": "true", "aria-label": "Picture", "data-testid": "lightbox", onclick: (event) => {
    if (event.target.tagName === "FIGURE") closeOverlay();
  } },
  h("header", {}, closeButton(), h("p", {}, caption ?? ""),
    h("a", { class: "icon-button", href: source, download: "", "aria-label": "Save" }, icon("save"))),
  h("figure", {}, h("img", { src: source, alt: caption || "Picture" }))));
  $("#overlays .icon-button")?.focus();
}

// ------------------------------------------------------------- switcher

/** Ctrl+K: somebody else's phone, by a few letters. */
export function openSwitcher() {
  let found = [];
  let place = 0;
  const list = h("div", { class: "sheet-body", role: "listbox", "aria-label": "People" });
  const input = h("input", { type: "text", placeholder: "Whose phone?", "aria-label": "Whose phone?", "data-testid": "switcher", autocomplete: "off" });
  const pick = (chat) => { closeOverlay(); return chat ? go(chat) : newNumber(); };
  const draw = () => {
    found = [...rows({ search: input.value, filter: "all" }).slice(0, 30), null];
    place = Math.min(place, found.length - 1);
    list.replaceChildren(...found.map((chat, at) => switcherRow(chat, at === place, () => pick(chat))));
    list.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  };
  input.addEventListener("input", () => { place = 0; draw(); });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); place = (place + step + found.length) % found.length; draw(); }
    if (event.key === "Enter") pick(found[place]);
  });
  show(scrim(h("div", { class: "sheet switcher", role: "dialog", "aria-modal": "true", "aria-label": "Switch phone" }, input, list), "top"));
  draw();
  input.focus();
}

function switcherRow(chat, selected, onclick) {
  const person = chat ? personOf(chat.phone) : null;
  const several = state.shops.length > 1;
  return h("button", { class: "chat-row", role: "option", "aria-selected": String(selected), tabindex: "-1", onclick },
    chat ? avatar(person, "small") : h("span", { class: "avatar small", style: "--avatar:#8a959d" }, icon("plus")),
    h("span", { class: "chat-row-top", style: "margin:0" },
      h("span", { class: "chat-row-name" }, chat ? shownName(person) : "A new number"),
      chat && h("span", { class: "role", dataset: { role: person.role } }, roleName(person.role)),
      chat && several && h("span", { class: "chat-row-time" }, shopOf(chat.number).name)));
}

// ---------------------------------------------------------- file preview

/** Show a file before it is sent; `onsend(caption)`. */
export function openSendPreview(file, onsend) {
  const isPicture = file.type.startsWith("image/");
  const source = isPicture ? URL.createObjectURL(file) : null;
  const caption = h("input", { placeholder: "Add a caption", "aria-label": "Caption", "data-testid": "caption" });
  const send = () => { closeOverlay(); onsend(caption.value.trim()); };
  caption.addEventListener("keydown", (event) => { if (event.key === "Enter") send(); });
  show(scrim(h("div", { class: "sheet", role: "dialog", "aria-modal": "true", "aria-label": "Send file", "data-testid": "send-preview" },
    h("div", { class: "sheet-head" }, closeButton(), h("h2", {}, isPicture ? "Send photo" : "Send document")),
    h("div", { class: "send-preview" }, isPicture
      ? h("img", { src: source, alt: file.name })
      : h("div", { class: "file" }, icon("file"), h("span", {}, file.name, h("br"), fileSize(file.size)))),
    h("div", { class: "caption-row" }, caption, h("button", { class: "primary", "data-testid": "send-file", onclick: send }, "Send")))));
  caption.focus();
}

/** A sheet with a few people to pick from; `onpick(person)`. */
export function openPeoplePicker(title, people, onpick) {
  show(scrim(h("div", { class: "sheet", role: "dialog", "aria-modal": "true", "aria-label": title },
    h("div", { class: "sheet-head" }, closeButton(), h("h2", {}, title)),
    h("div", { class: "sheet-body" }, ...people.map((person) =>
      h("button", { class: "option", onclick: () => { closeOverlay(); onpick(person); } },
        avatar(person, "small"), h("span", { class: "option-text" }, h("b", {}, shownName(person)), h("span", {}, roleName(person.role)))))))));
}
