/* What every page does: preferences, deadlines that count, requests and their failures, toasts, palette, shortcuts.
   No library but htmx, nothing inline, nothing that needs `unsafe-eval`. list.js and ticket.js add to `window.desk`. */
"use strict";

window.desk = (() => {
  const body = document.body;
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const say = (text) => { $("#say").textContent = text; };
  const words = (name, value) => (body.dataset[name] || "").replace(/\{\w+\}/, value ?? "");

  // --- preferences: cookies, so that the server draws the next page right and nothing flashes
  const CHOICES = { theme: ["system", "light", "dark"], density: ["compact", "comfortable"] };

  function keep(name, value) {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${name}=${value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  }

  function cycle(name) {
    const root = document.documentElement;
    const choices = CHOICES[name];
    const value = choices[(choices.indexOf(root.dataset[name]) + 1) % choices.length];
    root.dataset[name] = value;
    keep(name, value);
    say(body.dataset[`${name}${value[0].toUpperCase()}${value.slice(1)}`] || value);
  }

  // --- deadlines: one timer for the page; the server's clock wins over this machine's
  const units = (body.dataset.units || "d|h|m").split("|");
  const gap = /[a-z]/i.test(units[0]) ? " " : "";
  const skew = Number(body.dataset.now) - Date.now() / 1000;
  const ICONS = { ok: "clock", soon: "timer", urgent: "alarm-clock", breach: "flame" };

  function length(seconds) {
    const minutes = Math.floor(Math.abs(seconds) / 60);
    const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
    if (days) return `${days}${units[0]}` + (hours ? `${gap}${hours}${units[1]}` : "");
    if (hours) return `${hours}${units[1]}` + (rest && hours < 10 ? `${gap}${rest}${units[2]}` : "");
    return rest ? `${rest}${units[2]}` : `<1${units[2]}`;
  }

  function state(left, total) {
    if (left <= 0) return "breach";
    if (left <= 900 || left <= 0.1 * total) return "urgent";
    return left <= 3600 || left <= 0.25 * total ? "soon" : "ok";
  }

  function tick() {
    const now = Date.now() / 1000 + skew;
    for (const badge of $$(".sla[data-due]")) {
      const left = badge.dataset.due - now;
      const text = left <= 0 ? "+" + length(Math.max(60, -left)) : length(left);
      const label = $(".tx", badge);
      if (label.textContent !== text) label.textContent = text;
      const next = state(left, Number(badge.dataset.total));
      if (badge.classList.contains(next)) continue;
      badge.classList.remove("ok", "soon", "urgent", "breach");
      badge.classList.add(next);
      const use = $("use", badge);
      use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#" + ICONS[next]));
    }
  }
  setInterval(tick, 15000);

  // --- toasts
  function toast(text, bad = false) {
    const box = document.createElement("div");
    const line = document.createElement("span");
    const close = document.createElement("button");
    box.className = bad ? "toast bad" : "toast";
    line.textContent = text;
    close.textContent = "×";
    close.setAttribute("aria-label", body.dataset.close);
    close.addEventListener("click", () => box.remove());
    box.append(line, close);
    $("#toasts").append(box);
    setTimeout(() => box.remove(), bad ? 12000 : 6000);
  }
  for (const box of $$(".toast")) setTimeout(() => box.remove(), 6000); // said by the server with the page

  // --- requests: errors never replace a list, they are said; a lost session goes to the sign-in page
  document.addEventListener("htmx:config:request", (event) => {
    const { request } = event.detail.ctx;
    if (request.method !== "GET") request.headers["X-CSRFToken"] = body.dataset.csrf;
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const raw = event.detail.ctx?.response?.raw;
    if (raw?.redirected && new URL(raw.url).pathname.startsWith(body.dataset.signIn)) {
      event.preventDefault();
      location.assign(`${body.dataset.signIn}?next=${encodeURIComponent(location.pathname + location.search)}`);
    }
  });
  document.addEventListener("htmx:response:error", (event) => {
    const { status } = event.detail.ctx.response;
    if (status === 409 || status === 422) return; // the answer itself says what is wrong, where it is wrong
    toast(status === 403 ? body.dataset.refused : status === 404 ? body.dataset.gone : body.dataset.failed, true);
  });
  document.addEventListener("htmx:error", (event) => {
    if (!event.detail.ctx?.response) toast(body.dataset.offline, true);
  });
  document.addEventListener("htmx:before:request", (event) => event.detail.ctx?.target?.setAttribute?.("aria-busy", "true"));
  document.addEventListener("htmx:finally:request", (event) => event.detail.ctx?.target?.removeAttribute?.("aria-busy"));
  document.addEventListener("htmx:after:swap", () => { tick(); if (palette?.open) mark(0); });
  document.addEventListener("desk:toast", (event) => toast(event.detail.text, event.detail.bad));
  document.addEventListener("desk:counts", (event) => counts(event.detail));

  function counts(numbers) {
    for (const [view, number] of Object.entries(numbers)) {
      for (const place of $$(`[data-count="${view}"]`)) {
        place.textContent = number;
        place.toggleAttribute("data-zero", !Number(number));
      }
    }
  }

  // --- palette: one list box, commands filtered here, records found by the server
  const palette = $("#pal");
  let chosen = 0;
  const options = () => $$("[role=option]", palette).filter((option) => option.offsetParent);

  function mark(number) {
    const all = options();
    if (!all.length) return $("input", palette).removeAttribute("aria-activedescendant");
    chosen = (number + all.length) % all.length;
    all.forEach((option, index) => {
      option.id = `option-${index}`;
      option.setAttribute("aria-selected", index === chosen);
    });
    $("input", palette).setAttribute("aria-activedescendant", `option-${chosen}`);
    all[chosen].scrollIntoView({ block: "nearest" });
  }

  function choose(option) {
    if (!option) return;
    if (option.dataset.go) return location.assign(option.dataset.go);
    palette.close();
    if (option.dataset.cycle) cycle(option.dataset.cycle);
    if (option.dataset.open) open(option.dataset.open);
  }

  palette?.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown") mark(chosen + 1);
    else if (event.key === "ArrowUp") mark(chosen - 1);
    else if (event.key === "Enter") choose(options()[chosen]);
    else return;
    event.preventDefault();
  });
  palette?.addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const option of $$("[data-command]", palette)) option.hidden = !option.textContent.toLowerCase().includes(wanted);
    mark(0);
  });

  function open(id) {
    const dialog = document.getElementById(id);
    dialog.showModal();
    if (dialog === palette) { $("input", dialog).select(); mark(0); }
  }

  // --- clicks and changes, delegated
  document.addEventListener("click", (event) => {
    for (const act of $$("details.act[open]")) if (!act.contains(event.target)) act.open = false;
    const hit = event.target.closest("button, [role=option], dialog");
    if (!hit) return;
    const { open: dialog, cycle: choice, copy } = hit.dataset;
    if (hit.matches("[role=option]")) choose(hit);
    else if (dialog) open(dialog);
    else if (choice) cycle(choice);
    else if (copy) navigator.clipboard?.writeText(copy).then(() => toast(words("copied", copy)));
    else if ("shut" in hit.dataset) hit.closest("details").open = false;
    else if (hit === event.target && hit.tagName === "DIALOG") hit.close();
  });
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches("[data-submit]")) field.form.requestSubmit();
    if (field.matches("[data-single-keys]")) {
      body.dataset.keys = field.checked ? "on" : "off";
      keep("keys", body.dataset.keys);
    }
    if (field.matches(".filters select")) field.classList.toggle("on", Boolean(field.value));
  });
  document.addEventListener("toggle", (event) => {
    const act = event.target;
    if (act.matches?.("details.act") && act.open) $("input:not([type=hidden]), select, textarea", act)?.focus();
  }, true);

  // --- keys: single ones only, never while typing, never while an input method composes, can be switched off
  const keymap = { "?": () => open("keys"), "/": () => $("#q")?.focus() };
  const escapes = [];
  let jump = 0;
  const typing = (target) => target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

  function escape(target) {
    const act = target.closest("details.act[open]") || $("details.act[open]");
    if (act) { act.open = false; $("summary", act).focus(); return; }
    if (escapes.some((leave) => leave(target))) return;
    if (typing(target)) target.blur();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const { target } = event;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) {
      event.preventDefault();
      return open("pal");
    }
    if ($("dialog[open]")) return;
    if (event.key === "Escape") return escape(target);
    if (typing(target) || body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (Date.now() - jump < 900) {
      jump = 0;
      const link = $(`[data-key="${CSS.escape(key)}"]`);
      if (link) { event.preventDefault(); location.assign(link.href); }
      return;
    }
    if (key === "g") { jump = Date.now(); return; }
    const act = keymap[event.key] || keymap[key];
    if (!act || (key === " " && target.matches("button, summary, .ck"))) return;
    if (act(event) !== false) event.preventDefault();
  });

  // --- charts: a tooltip for whatever carries its numbers
  let tip;
  document.addEventListener("pointermove", (event) => {
    const mark = event.target.closest?.("[data-tip]");
    if (!mark) { if (tip) tip.hidden = true; return; }
    if (!tip) { tip = document.createElement("div"); tip.className = "tip"; body.append(tip); }
    if (tip.shown !== mark) { tip.shown = mark; fillTip(mark.dataset.tip.split("|")); }
    tip.hidden = false;
    tip.style.left = `${Math.min(innerWidth - tip.offsetWidth - 8, event.clientX + 14)}px`;
    tip.style.top = `${Math.max(8, event.clientY - tip.offsetHeight - 12)}px`;
  }, { passive: true });

  function fillTip([title, ...lines]) {
    const head = document.createElement("b");
    head.textContent = title;
    tip.replaceChildren(head, ...lines.map((line) => {
      const row = document.createElement("div");
      const at = line.lastIndexOf("=");
      for (const text of [line.slice(0, Math.max(at, 0)), line.slice(at + 1)]) {
        const cell = document.createElement("span");
        cell.textContent = text;
        row.append(cell);
      }
      return row;
    }));
  }

  return { $, $$, body, say, words, toast, counts, keymap, escapes, typing, open };
})();
