// Where one writes.

import { post, upload } from "./api.js";
import { $, h, toast } from "./dom.js";
import { EMOJI } from "./emoji.js";
import { icon } from "./icons.js";
import { openPeoplePicker, openSendPreview } from "./overlays.js";
import { summary } from "./chatlist.js";
import { personOf, state } from "./store.js";

const SHOP_FRONT = { latitude: 19.0178, longitude: 72.8478, name: "Dadar West", address: "Mumbai 400028" };

/** The composer of a chat. `nameOf(message)` says who wrote a quoted message. */
export function composerOf(chat, { nameOf }) {
  const input = h("textarea", {
    rows: "1", placeholder: "Type a message", "aria-label": "Type a message", "data-testid": "composer", dir: "auto", enterkeyhint: "send",
  });
  const send = h("button", { class: "icon-button send", "aria-label": "Send", "data-testid": "send", disabled: true, onclick: () => sendText() }, icon("send"));
  const quoteBar = h("div", { class: "quote-bar", hidden: true });
  const files = h("input", { type: "file", hidden: true, "data-testid": "file-input" });
  const bar = h("div", { class: "composer" },
    h("button", { class: "icon-button", "aria-label": "Attach", "data-testid": "attach", onclick: () => togglePopover("attach") }, icon("plus")),
    h("button", { class: "icon-button", "aria-label": "Emoji", "data-testid": "emoji", onclick: () => togglePopover("emoji") }, icon("smile")),
    input, send, files);
  const element = h("div", { class: "composer-wrap" }, quoteBar, bar);

  input.value = chat.draft;
  input.addEventListener("input", fit);
  input.addEventListener("keydown", onKey);
  input.addEventListener("paste", (event) => {
    const file = [...event.clipboardData.files][0];
    if (file) { event.preventDefault(); offer(file); }
  });
  files.addEventListener("change", () => {
    if (files.files[0]) offer(files.files[0]);
    files.value = "";
  });
  requestAnimationFrame(fit);

  function fit() {
    chat.draft = input.value;
    send.disabled = !input.value.trim();
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 148)}px`;
  }

  function onKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      sendText();
    } else if (event.key === "ArrowUp" && !input.value) {
      const last = chat.messages.findLast((message) => message.by === "person" && message.type === "text");
      if (last) { event.preventDefault(); fill(last.text.body); }
    }
  }

  function fill(text) {
    input.value = text;
    fit();
    input.focus();
    input.setSelectionRange(text.length, text.length);
  }

  async function sendText() {
    const text = input.value.trim();
    if (!text) return;
    fill("");
    await deliver({ text }, () => fill(text));
  }

  async function deliver(content, undo = () => {}) {
    const reply_to = chat.quoting?.id;
    quote(null);
    try {
      await post("send", { phone_number_id: chat.number, from: chat.phone, reply_to, ...content });
    } catch (error) {
      undo();
      toast(error.message);
    }
  }

  function quote(message) {
    chat.quoting = message;
    quoteBar.hidden = !message;
    if (!message) return;
    quoteBar.replaceChildren(
      h("span", { class: "quote" }, h("b", {}, nameOf(message)), h("span", {}, summary(message))),
      h("button", { class: "icon-button", "aria-label": "Do not reply to it", onclick: () => quote(null) }, icon("close")));
    input.focus();
  }

  function offer(file) {
    openSendPreview(file, async (caption) => {
      const kind = ["image/jpeg", "image/png"].includes(file.type) ? "image" : file.type.startsWith("audio/") ? "audio" : "document";
      try {
        const { id } = await upload(file);
        await deliver({ type: kind, [kind]: { id, caption: caption || undefined, filename: file.name } });
      } catch (error) {
        toast(error.message);
      }
    });
  }

  function pickFile(accept) {
    files.accept = accept;
    files.click();
  }

  const ATTACHMENTS = [
    ["photo", "Photo", "#1e88e5", () => pickFile("image/jpeg,image/png")],
    ["file", "Document", "#7b61c4", () => pickFile("")],
    ["pin", "Location", "#1daa61", () => deliver({ type: "location", location: SHOP_FRONT })],
    ["person", "Contact", "#d9822b", () => openPeoplePicker("Send contact", others(), (person) => deliver({ type: "contacts", contacts: [cardOf(person)] }))],
  ];
  const others = () => [...state.people.values()].filter((person) => person.phone !== chat.phone && person.name);

  function togglePopover(name) {
    const open = $(".popover", bar);
    open?.remove();
    if (open?.dataset.name === name) return;
    const popover = name === "attach" ? attachMenu() : emojiPanel();
    popover.dataset.name = name;
    bar.append(popover);
    setTimeout(() => document.addEventListener("click", function away(event) {
      if (popover.contains(event.target)) return;
      document.removeEventListener("click", away);
      popover.remove();
    }));
  }

  function attachMenu() {
    return h("div", { class: "popover attach", role: "menu", "data-testid": "attach-menu" }, ...ATTACHMENTS.map(([name, title, tint, act]) =>
      h("button", { role: "menuitem", style: `--tint:${tint}`, onclick: () => { closePopover(); act(); } }, icon(name), title)));
  }

  function emojiPanel() {
    const insert = (emoji) => {
      input.setRangeText(emoji, input.selectionStart, input.selectionEnd, "end");
      fit();
      input.focus();
    };
    return h("div", { class: "popover emoji", "data-testid": "emoji-panel" }, h("div", { class: "emoji-grid" },
      ...Object.entries(EMOJI).flatMap(([title, all]) => [
        h("h3", {}, title),
        ...all.split(" ").map((emoji) => h("button", { onclick: () => insert(emoji), "aria-label": emoji }, emoji)),
      ])));
  }

  const closePopover = () => {
    const open = $(".popover", bar);
    open?.remove();
    return Boolean(open);
  };
  const escape = () => {
    if (closePopover()) return true;
    if (!chat.quoting) return false;
    quote(null);
    return true;
  };

  return { element, fill, quote, offer, deliver, escape, focus: () => input.focus(), input };
}

export const sendLocation = (composer) => composer.deliver({ type: "location", location: SHOP_FRONT });

function cardOf(person) {
  const { phone } = personOf(person.phone);
  return { name: { formatted_name: person.name, first_name: person.name }, phones: [{ phone: `+${phone}`, wa_id: phone, type: "CELL" }] };
}
