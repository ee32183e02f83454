// Words as WhatsApp shows them: *bold*, _italic_, ~strike~, ```code```, links; times and sizes.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text) => text.replace(/[&<>"']/g, (character) => ESCAPES[character]);

// A mark counts only at the edge of a word, as in WhatsApp: 2*3*4 stays as it is.
const marked = (mark) =>
  new RegExp(`(?<![\\p{L}\\p{N}${mark}])${mark}(?=\\S)([^\\n]*?\\S)${mark}(?![\\p{L}\\p{N}${mark}])`, "gu");
const STYLES = [
  [marked("\\*"), "strong"],
  [marked("_"), "em"],
  [marked("~"), "s"],
];

/** A text's markup, safe to insert. */
export function formatted(text) {
  const kept = [];
  // What must stay untouched by the styles waits under a private character.
  const keep = (markup) => `\uE000${kept.push(markup) - 1}\uE001`;
  let markup = escape(text)
    .replace(/```([\s\S]+?)```/g, (_, code) => keep(`<span class="mono">${code.replace(/^\n|\n$/g, "")}</span>`))
    .replace(/`([^`\n]+)`/g, (_, code) => keep(`<code>${code}</code>`))
    .replace(/https?:\/\/[^\s<]+[^\s<.,;:!?)'"]/g, (url) =>
      keep(`<a href="${url}" target="_blank" rel="noopener noreferrer">${url}</a>`));
  for (const [pattern, tag] of STYLES) markup = markup.replace(pattern, `<${tag}>$1</${tag}>`);
  markup = markup
    .replace(/^&gt; (.*)$/gm, "<blockquote>$1</blockquote>")
    .replace(/<\/blockquote>\n/g, "</blockquote>")
    .replace(/^[-*] /gm, "• ");
  return markup.replace(/\uE000(\d+)\uE001/g, (_, place) => kept[place]);
}

/** The text without its marks, for one-line previews. */
export const plain = (text) => text.replace(/```|[*_~](?=\S)|(?<=\S)[*_~]/g, "").replace(/\s+/g, " ");

export const onlyEmoji = (text) =>
  text.length <= 24 && /^(\p{Extended_Pictographic}(\uFE0F|\u200D|\p{Emoji_Modifier})*\s*){1,3}$/u.test(text);

const CLOCK = new Intl.DateTimeFormat("en-IN", { hour: "numeric", minute: "2-digit" });
const WEEKDAY = new Intl.DateTimeFormat("en-IN", { weekday: "long" });
const DAY = new Intl.DateTimeFormat("en-IN", { day: "numeric", month: "long", year: "numeric" });
const SHORT_DAY = new Intl.DateTimeFormat("en-IN", { day: "2-digit", month: "2-digit", year: "numeric" });

// The simulator's clock may have been turned: "today" is its today.
let clockShift = 0;
export const setClock = (iso) => { clockShift = new Date(iso) - Date.now(); };
export const now = () => new Date(Date.now() + clockShift);

const dayNumber = (date) => Math.floor((date - date.getTimezoneOffset() * 60000) / 86400000);

export const clockTime = (iso) => CLOCK.format(new Date(iso));

/** "Today", "Yesterday", a weekday, or a date. */
export function dayName(iso, { short = false } = {}) {
  const date = new Date(iso);
  const ago = dayNumber(now()) - dayNumber(date);
  if (ago === 0) return short ? clockTime(iso) : "Today";
  if (ago === 1) return "Yesterday";
  if (ago > 1 && ago < 7) return WEEKDAY.format(date);
  return short ? SHORT_DAY.format(date) : DAY.format(date);
}

export function fileSize(bytes) {
  if (!bytes) return "";
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** 919123456789 → +91 91234 56789 */
export function phoneNumber(phone) {
  const indian = /^91(\d{5})(\d{5})$/.exec(phone);
  return indian ? `+91 ${indian[1]} ${indian[2]}` : `+${phone}`;
}

export const initials = (name) =>
  name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();

const AVATARS = ["#d9822b", "#7b61c4", "#2a9d8f", "#c2566e", "#4a7fc1", "#8a9a3b", "#b5651d", "#5c7c8a", "#a35bb0"];
export const avatarColour = (phone) => AVATARS[Number(phone.slice(-3)) % AVATARS.length];
