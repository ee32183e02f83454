// Icons, drawn on a 24 × 24 grid.

import { fromMarkup } from "./dom.js";

const stroked = (paths) =>
  `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${paths}</svg>`;
const filled = (paths) => `<svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">${paths}</svg>`;

const DRAWINGS = {
  search: stroked('<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>'),
  back: stroked('<path d="M20 12H5m6-7-7 7 7 7"/>'),
  close: stroked('<path d="m6 6 12 12M18 6 6 18"/>'),
  plus: stroked('<path d="M12 5v14M5 12h14"/>'),
  smile: stroked('<circle cx="12" cy="12" r="9"/><path d="M8.300 14.200a4.500 4.500 0 0 0 7.400 0M9 9.600v.1M15 9.600v.1" stroke-width="2"/>'),
  send: filled('<path d="M3.400 20.600 21.500 12 3.400 3.400c-.5-.2-1 .2-.9.700L4.400 11l9.100 1-9.100 1-1.900 6.900c-.1.500.4.900.9.700z"/>'),
  sun: stroked('<circle cx="12" cy="12" r="4"/><path d="M12 3v1.500M12 19.500V21M3 12h1.500M19.500 12H21M5.600 5.600l1.100 1.100M17.300 17.300l1.100 1.100M18.400 5.600l-1.100 1.100M6.700 17.300l-1.100 1.100"/>'),
  moon: stroked('<path d="M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z"/>'),
  under: stroked('<path d="M8.500 4H7a2 2 0 0 0-2 2v3.500L3 12l2 2.500V18a2 2 0 0 0 2 2h1.500M15.500 4H17a2 2 0 0 1 2 2v3.500l2 2.500-2 2.500V18a2 2 0 0 1-2 2h-1.500M9.500 12h.1M14.500 12h.1"/>'),
  bulb: stroked('<path d="M9.500 17.500h5M10.300 20.500h3.400M9 14.500c0-2-2.500-3-2.500-6a5.500 5.500 0 0 1 11 0c0 3-2.500 4-2.500 6z"/>'),
  reply: stroked('<path d="M10 6 4 11.500 10 17v-3.500c5 0 8 1.500 10 4.500 0-6-3.500-8.500-10-9z"/>'),
  list: stroked('<path d="M4 6.500h.1M4 12h.1M4 17.500h.1" stroke-width="2.400"/><path d="M8.500 6.500H20M8.500 12H20M8.500 17.500H20"/>'),
  link: stroked('<path d="M14 4.500h5.500V10M19 5l-8 8M17 14v4a1.500 1.500 0 0 1-1.500 1.500h-10A1.500 1.500 0 0 1 4 18V8a1.500 1.500 0 0 1 1.500-1.500H10"/>'),
  down: stroked('<path d="m6 9.500 6 6 6-6"/>'),
  photo: stroked('<rect x="3.500" y="5" width="17" height="14" rx="2.500"/><circle cx="9" cy="10" r="1.600"/><path d="m4 17 5-4 3.500 2.500L16 12l4.500 4"/>'),
  file: stroked('<path d="M13.500 3.500h-7A1.500 1.500 0 0 0 5 5v14a1.500 1.500 0 0 0 1.500 1.500h11A1.500 1.500 0 0 0 19 19V9zM13.500 3.500V9H19"/>'),
  pin: filled('<path d="M12 2.500a6.800 6.800 0 0 0-6.800 6.800c0 5 6.800 12.200 6.800 12.200s6.800-7.200 6.800-12.200A6.800 6.800 0 0 0 12 2.500zm0 9.300a2.500 2.500 0 1 1 0-5 2.500 2.500 0 0 1 0 5z"/>'),
  person: stroked('<circle cx="12" cy="8" r="3.800"/><path d="M4.500 20c.8-4 3.800-6 7.500-6s6.700 2 7.500 6"/>'),
  save: stroked('<path d="M12 4v11m-4.500-4 4.500 4.500 4.500-4.500M5 19.500h14"/>'),
  check: stroked('<path d="m5 12.500 4.500 4.500L19 7.500"/>'),
  cross: stroked('<path d="m7 7 10 10M17 7 7 17"/>'),
  shop: stroked('<path d="M4.500 10.500V19a1 1 0 0 0 1 1h13a1 1 0 0 0 1-1v-8.500M3 8.500 5 4h14l2 4.500a2.700 2.700 0 0 1-4.500 1.400A3 3 0 0 1 12 10a3 3 0 0 1-4.500-.1A2.700 2.700 0 0 1 3 8.500zM9.500 20v-5.500h5V20"/>'),
  verified: filled('<path d="m12 2 2.400 2.100 3.200-.3 1 3 2.800 1.600-.9 3.100.9 3.100-2.800 1.600-1 3-3.200-.3L12 21l-2.400-2.100-3.200.3-1-3-2.800-1.600.9-3.100-.9-3.100 2.800-1.600 1-3 3.200.3z"/><path d="m8 11.600 2.800 2.800 5-5.300" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/>'),
  more: filled('<circle cx="12" cy="5.500" r="1.900"/><circle cx="12" cy="12" r="1.900"/><circle cx="12" cy="18.500" r="1.900"/>'),
};

const TICKS = {
  one: '<svg viewBox="0 0 18 12" fill="none" stroke="currentColor" stroke-width="1.500" stroke-linecap="round" stroke-linejoin="round"><path d="m5 6.500 3 3 6-7.500"/></svg>',
  two: '<svg viewBox="0 0 18 12" fill="none" stroke="currentColor" stroke-width="1.500" stroke-linecap="round" stroke-linejoin="round"><path d="m1.500 6.500 3 3 6-7.500M8.600 8.500l1 1 6-7.500"/></svg>',
  failed: '<svg viewBox="0 0 18 12" fill="none" stroke="currentColor" stroke-width="1.500" stroke-linecap="round"><circle cx="10" cy="6" r="5.200"/><path d="M10 3.200v3.300M10 8.700v.1"/></svg>',
};

export const icon = (name) => fromMarkup(DRAWINGS[name]);

/** The ticks of a status: one when sent, two when delivered, blue when read. */
export function ticks(status) {
  const kind = { sent: "one", accepted: "one", failed: "failed" }[status] ?? "two";
  const said = { sent: "Sent", delivered: "Delivered", read: "Read", failed: "Not delivered" }[status] ?? "Sent";
  return fromMarkup(`<span class="ticks" data-status="${status}" role="img" aria-label="${said}">${TICKS[kind]}</span>`);
}
