// One message as a row of the conversation.

import { h } from "./dom.js";
import { clockTime, fileSize, formatted, initials, onlyEmoji, phoneNumber } from "./format.js";
import { icon, ticks } from "./icons.js";
import { summary } from "./chatlist.js";
import { openLightbox, openList } from "./overlays.js";

const FOLD = 900;
const REACTIONS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/**
 * The row of a message. `doings` is what one can do with it:
 * {tap(message, option), reply(message), react(message, emoji), inspect(message), quoted(wamid), jump(wamid), nameOf(message)}.
 */
export function messageRow(message, { first, doings }) {
  const mine = message.by === "person";
  const bubble = BUILDERS[message.type]?.(message, doings) ?? unknown(message);
  if (message.context_id) bubble.prepend(quoteOf(message.context_id, doings));
  bubble.append(...failure(message), ...reactions(message));
  bubble.dataset.testid = mine ? "bubble-mine" : "bubble-theirs";
  const acting = doingsOf(message, doings, bubble);
  const row = h("div", {
    class: ["message-row", mine ? "mine" : "theirs", first && "first", hasReaction(message) && "has-reaction"].filter(Boolean).join(" "),
    id: domId(message.id),
    "data-testid": "message",
    "data-wamid": message.id,
    "data-type": message.type,
  }, bubble, acting);
  onLongPress(bubble, () => row.classList.toggle("acting"));
  return row;
}

export const domId = (wamid) => `m-${wamid}`;

// ---------------------------------------------------------------- kinds

const BUILDERS = {
  text: (message) => {
    const body = message.text.body;
    return bubbleOf({ class: onlyEmoji(body) ? "jumbo" : "" }, main(message, textOf(body)));
  },
  interactive: (message, doings) =>
    message.interactive.button_reply || message.interactive.list_reply
      ? reply(message)
      : interactive(message, doings),
  button: (message) => bubbleOf({}, main(message, textOf(message.button.text))),
  template: (message, doings) => {
    const view = message.template_view;
    return bubbleOf({ class: "wide" }, headerOf(view.header), main(message, textOf(view.text)),
      choices(view.buttons.map((button) => choice(message, { id: button.payload, title: button.text }, doings))));
  },
  image: (message) => withCaption(message, pictureOf(message.image)),
  sticker: (message) => bubbleOf({ class: "bare" }, pictureOf(message.sticker), main(message)),
  video: (message) => withCaption(message, h("video", { class: "picture", src: address(message.video), controls: true })),
  document: (message) => withCaption(message, documentCard(message.document), "document-only"),
  audio: (message) => bubbleOf({ class: "wide" },
    h("div", { class: "sound" }, h("audio", { controls: true, src: address(message.audio), preload: "metadata" })), main(message, h("div", { class: "text" }))),
  location: (message) => bubbleOf({ class: "wide" }, place(message.location), main(message, h("div", { class: "text" }))),
  contacts: (message) => bubbleOf({ class: "wide" }, ...message.contacts.map(contact), main(message, h("div", { class: "text" }))),
};

const unknown = (message) => bubbleOf({}, main(message, textOf(`_${message.type}_`)));

function bubbleOf(props, ...children) {
  return h("div", { ...props, class: `bubble ${props.class ?? ""}` }, ...children);
}

function main(message, ...content) {
  return h("div", { class: "bubble-main" }, ...content, metaOf(message));
}

function metaOf(message) {
  return h("span", { class: "meta" },
    h("time", { datetime: message.at }, clockTime(message.at)),
    message.by === "person" && ticks(message.status));
}

function textOf(body, style = "") {
  const text = h("div", { class: `text ${onlyEmoji(body) ? "jumbo" : ""} ${style}`, dir: "auto", "data-testid": "text" });
  text.innerHTML = formatted(body);
  if (body.length <= FOLD) return text;
  text.classList.add("folded");
  const more = h("button", { class: "more", onclick: () => { text.classList.remove("folded"); more.remove(); } }, "Read more");
  return h("div", {}, text, more);
}

function withCaption(message, card, alone = "picture-only") {
  const caption = message[message.type].caption;
  return caption
    ? bubbleOf({ class: "wide" }, card, main(message, textOf(caption)))
    : bubbleOf({ class: `wide ${alone}` }, card, alone === "picture-only" ? metaOf(message) : main(message));
}

function reply(message) {
  const chosen = message.interactive.button_reply ?? message.interactive.list_reply;
  return bubbleOf({}, main(message, textOf(chosen.title),
    chosen.description && h("div", { class: "footer-text" }, chosen.description)));
}

function interactive(message, doings) {
  const { header, body, footer, action, type } = message.interactive;
  return bubbleOf({ class: "wide" },
    header && header.type !== "text" && headerOf(header),
    main(message,
      header?.type === "text" && h("div", { class: "header-text" }, header.text),
      textOf(body.text, footer ? "plain" : ""),
      footer && h("div", { class: "footer-text" }, footer.text)),
    choices(CHOICES[type]?.(message, action, doings) ?? []));
}

const CHOICES = {
  button: (message, action, doings) =>
    action.buttons.map(({ reply }) => choice(message, reply, doings)),
  list: (message, action, doings) => [
    h("button", {
      class: "choice", "data-testid": "open-list",
      onclick: () => openList(action, (row) => doings.tap(message, row)),
    }, icon("list"), action.button),
  ],
  cta_url: (_, action) => [
    h("a", { class: "choice", href: action.parameters.url, target: "_blank", rel: "noopener noreferrer", "data-testid": "cta" },
      icon("link"), action.parameters.display_text),
  ],
  flow: (_, action) => [h("button", { class: "choice", disabled: true }, action.parameters.flow_cta)],
  location_request_message: (message, _, doings) => [
    h("button", { class: "choice", onclick: () => doings.sendLocation(message) }, icon("pin"), "Send location"),
  ],
};

const choices = (items) => (items.length ? h("div", { class: "choices" }, ...items) : null);

function choice(message, option, doings) {
  return h("button", {
    class: `choice ${message.tapped === option.id ? "tapped" : ""}`,
    "data-testid": "reply-button",
    onclick: () => doings.tap(message, option),
  }, icon("reply"), option.title);
}

function headerOf(header) {
  if (!header) return null;
  if (header.type === "document") return documentCard(header.document);
  if (header.type === "image") return pictureOf(header.image);
  if (header.type === "video") return h("video", { class: "picture", src: address(header.video), controls: true });
  return header.text ? h("div", { class: "header-text", style: "padding:6px 9px 0" }, header.text) : null;
}

// ---------------------------------------------------------------- parts

/** Where the page finds a file: ours by id, somebody else's by link. */
export const address = (media) => (media.id ? `/control/media/${media.id}` : media.link);

function pictureOf(image) {
  const source = address(image);
  const picture = h("img", { src: source, alt: image.caption || "Picture", loading: "lazy" });
  picture.onerror = () => picture.replaceWith(h("span", { class: "gone" }, "The picture is gone"));
  return h("button", {
    class: "picture", "data-testid": "picture", "aria-label": "Open picture",
    onclick: () => openLightbox(source, image.caption),
  }, picture);
}

function documentCard(file) {
  const name = file.filename || "Document";
  const isPdf = file.mime_type?.startsWith("application/pdf") || /\.pdf$/i.test(name);
  const kind = (isPdf ? "pdf" : name.split(".").pop() || "file").slice(0, 4).toUpperCase();
  const about = h("span", { class: "document-about" }, [kind, fileSize(file.file_size)].filter(Boolean).join(" • "));
  const card = h("a", { class: "document", href: address(file), target: "_blank", rel: "noopener", "data-testid": "document" },
    h("span", { class: "document-bar" },
      h("span", { class: "file-icon", dataset: { kind } }, kind),
      h("span", {}, h("span", { class: "document-name" }, name), about)));
  if (isPdf && file.id) showFirstPage(card, file, about, kind);
  return card;
}

async function showFirstPage(card, file, about, kind) {
  const answer = await fetch(`/control/media/${file.id}/preview`).catch(() => null);
  if (!answer?.ok) return;
  const pages = Number(answer.headers.get("X-Pages"));
  const picture = h("img", { src: URL.createObjectURL(await answer.blob()), alt: "First page" });
  card.prepend(h("span", { class: "document-page", style: "display:block" }, picture));
  about.textContent = [`${pages} page${pages === 1 ? "" : "s"}`, kind, fileSize(file.file_size)].filter(Boolean).join(" • ");
  card.dispatchEvent(new CustomEvent("grown", { bubbles: true }));
}

function place(location) {
  const { latitude, longitude, name, address: where } = location;
  return h("a", {
    class: "place", target: "_blank", rel: "noopener noreferrer",
    href: `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`,
  },
  h("span", { class: "place-map" }, icon("pin")),
  h("p", {}, name || `${latitude}, ${longitude}`, where && h("small", {}, where)));
}

function contact(card) {
  const name = card.name?.formatted_name ?? "Contact";
  return h("div", { class: "contact" },
    h("span", { class: "avatar", style: "--avatar:#8a9a3b" }, initials(name)),
    h("span", {}, name, h("small", {}, card.phones?.[0]?.phone ?? "")));
}

function quoteOf(wamid, doings) {
  const quoted = doings.quoted(wamid);
  if (!quoted) return h("span", { class: "quote" }, h("span", {}, "A message that is no longer here"));
  return h("button", { class: "quote", onclick: () => doings.jump(wamid), style: quoted.by === "person" ? "" : "--tint:var(--quote-other)" },
    h("b", {}, doings.nameOf(quoted)), h("span", {}, summary(quoted)));
}

function failure(message) {
  if (message.status !== "failed") return [];
  const error = message.error ?? {};
  return [h("div", { class: "failure" }, `Not delivered (${error.code}): ${error.error_data?.details ?? error.title ?? ""}`)];
}

const hasReaction = (message) => Object.keys(message.reactions ?? {}).length > 0;

function reactions(message) {
  if (!hasReaction(message)) return [];
  return [h("span", { class: "reactions", "data-testid": "reactions" }, Object.values(message.reactions).join(" "))];
}

function doingsOf(message, doings, bubble) {
  const button = (name, label, onclick) =>
    h("button", { class: "icon-button", "aria-label": label, title: label, "data-testid": `${name}-message`, onclick }, icon(name));
  return h("div", { class: "doings" },
    button("smile", "React", () => toggleReactions(message, doings, bubble)),
    button("reply", "Reply", () => doings.reply(message)),
    message.by === "person" && button("under", "What happened underneath", () => doings.inspect(message)));
}

function toggleReactions(message, doings, bubble) {
  const old = bubble.querySelector(".react-bar");
  if (old) return old.remove();
  const bar = h("div", { class: "react-bar" }, ...REACTIONS.map((emoji) =>
    h("button", {
      "aria-label": `React ${emoji}`,
      onclick: () => {
        bar.remove();
        doings.react(message, message.reactions.person === emoji ? "" : emoji);
      },
    }, emoji)));
  bubble.append(bar);
  setTimeout(() => document.addEventListener("click", () => bar.remove(), { once: true }));
}

function onLongPress(element, act) {
  let timer;
  const stop = () => clearTimeout(timer);
  element.addEventListener("touchstart", () => { timer = setTimeout(act, 450); }, { passive: true });
  for (const end of ["touchend", "touchmove", "touchcancel"]) element.addEventListener(end, stop, { passive: true });
}
