/* A list worked by keys: j k move real focus, x ticks, Space peeks, bulk acts on what is ticked; and what is new is told. */
"use strict";

(() => {
  const { $, $$, body, say, words, keymap, escapes, counts } = window.desk;
  const rows = () => $$("#rows .tk");
  const current = () => document.activeElement.closest?.(".tk");
  const peek = $("#peek");
  const bulk = () => $("#bulk");
  let lastTicked = null;

  // --- moving: focus goes to the subject's link, so Enter and screen readers need nothing of ours
  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step));
    $(".subj", all[next]).focus({ preventScroll: true });
    all[next].scrollIntoView({ block: "nearest" });
    if (peek && !peek.hidden) look(all[next]);
  }

  function look(row) {
    if (!peek || !row?.dataset.peek) return false;
    peek.hidden = false;
    window.htmx.ajax("GET", row.dataset.peek, { target: "#peek", swap: "innerHTML" });
    return true;
  }

  function tickRow(row) {
    const box = row && $(".ck", row);
    if (!box) return false;
    box.checked = !box.checked;
    lastTicked = box;
    sync();
    return true;
  }

  // --- what is ticked
  function sync() {
    const form = bulk();
    if (!form) return;
    const ticked = $$("#rows .ck:checked").length;
    form.hidden = !ticked;
    $("[data-n]", form).textContent = words("selected", ticked);
    const all = $("[data-all]");
    if (!all) return;
    all.checked = ticked > 0 && ticked === rows().length;
    all.indeterminate = ticked > 0 && !all.checked;
  }

  function clear() {
    for (const box of $$("#rows .ck")) box.checked = false;
    sync();
  }

  function press(action) {
    const form = bulk();
    if (!form) return false;
    if (form.hidden && !tickRow(current())) return false;
    const button = $(`[value="${action}"]`, form);
    if (button) button.click();
    return Boolean(button);
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) for (const box of $$("#rows .ck")) box.checked = event.target.checked;
    if (event.target.matches(".ck")) sync();
  });
  document.addEventListener("click", (event) => {
    const { target } = event;
    if (target.closest("[data-clear]")) clear();
    if (target.closest("[data-reload]")) reload();
    if (target.closest("[data-closepeek]")) hidePeek();
    if (!target.matches("#rows .ck")) return;
    if (event.shiftKey && lastTicked) {
      const boxes = $$("#rows .ck");
      const [from, to] = [boxes.indexOf(lastTicked), boxes.indexOf(target)].sort((a, b) => a - b);
      if (from >= 0) for (const box of boxes.slice(from, to + 1)) box.checked = target.checked;
      sync();
    }
    lastTicked = target;
  });

  function hidePeek() {
    if (!peek || peek.hidden) return false;
    peek.hidden = true;
    return true;
  }
  escapes.push(hidePeek, (target) => {
    if (window.desk.typing(target) || !bulk() || bulk().hidden) return false;
    clear();
    return true;
  });

  Object.assign(keymap, {
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => current() ? move(1) : false,
    ArrowUp: () => current() ? move(-1) : false,
    x: () => tickRow(current()),
    " ": () => (current() ? look(current()) : false),
    a: () => press("take"),
    n: () => { const next = $("[data-next-for-me]"); if (!next) return false; next.click(); return true; },
  });

  // --- after a swap: the total beside the title follows, and the tick state of what stayed
  document.addEventListener("htmx:after:swap", () => {
    sync();
    const list = $("#list");
    const total = $("#total");
    if (!list || !total || total.textContent === list.dataset.total) return;
    total.textContent = list.dataset.total;
    say(list.dataset.said || list.dataset.total);
  });
  document.addEventListener("desk:done", clear);

  // --- news: a small question every half minute; rows never move under the cursor, a pill says that there is more
  function reload() {
    const pill = $("#pill");
    if (pill) pill.hidden = true;
    window.htmx.trigger("#list", "desk:reload");
  }

  async function ask() {
    const list = $("#list");
    if (!list?.dataset.pulse || document.hidden) return;
    try {
      const answer = await fetch(list.dataset.pulse, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      $$("[data-live]").forEach((mark) => mark.classList.toggle("on", answer.ok && !answer.redirected));
      if (!answer.ok || answer.redirected) return;
      const news = await answer.json();
      counts(news.counts);
      const pill = $("#pill");
      if (!pill || !news.changed) return;
      pill.hidden = false;
      $("span", pill).textContent = words("updates", news.changed);
    } catch {
      $$("[data-live]").forEach((mark) => mark.classList.remove("on"));
    }
  }
  if ($("#list")?.dataset.pulse) {
    $$("[data-live]").forEach((mark) => mark.classList.add("on"));
    setInterval(ask, 30000);
    document.addEventListener("visibilitychange", ask);
  }
})();
