/* The ticket page: composer (reply or note, templates, nothing sent twice, text never lost) and its keys. */
"use strict";

(() => {
  const { $, $$, keymap, escapes } = window.desk;
  const composer = () => $("#composer");
  const field = () => $("#body");
  const menu = () => $("#templates");

  function write(kind) {
    const choice = $(`#composer [name="kind"][value="${kind}"]`);
    if (!choice) return false;
    choice.checked = true;
    tint();
    field().focus();
    return true;
  }

  function tint() {
    composer()?.classList.toggle("is-note", $("#composer [name=kind]:checked")?.value === "note");
  }

  function showTemplates() {
    const box = menu();
    if (!box) return false;
    box.open = true;
    setTimeout(() => $("button", box)?.focus());
    return true;
  }

  function insert(text) {
    const area = field();
    const start = area.value.endsWith("/") && area.selectionStart === area.value.length ? area.value.length - 1 : area.selectionStart;
    area.setRangeText(text, start, area.selectionEnd, "end");
    menu().open = false;
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // A template's text waits in its button, already filled with the order's facts by the server.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-template]");
    if (button) insert(button.dataset.template);
  });
  document.addEventListener("change", (event) => { if (event.target.name === "kind") tint(); });

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.target !== field()) return;
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      composer().requestSubmit();
    } else if (event.key === "/" && !field().value) {
      event.preventDefault();
      showTemplates();
    }
  });
  document.addEventListener("keydown", (event) => {
    const box = menu();
    if (!box?.open || !box.contains(event.target) || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    const all = $$("button", box);
    const at = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    all[(at + all.length) % all.length]?.focus();
  });

  const openAct = (name) => () => {
    const act = $(`details.act[data-act="${name}"]`);
    if (!act) return false;
    act.open = true;
    return true;
  };
  const click = (selector) => () => {
    const button = $(selector);
    button?.click();
    return Boolean(button);
  };
  Object.assign(keymap, {
    r: () => write("reply"),
    n: () => write("note"),
    a: click("[data-act=accept], [data-act=take]"),
    e: openAct("solve"),
    w: openAct("wait"),
    h: openAct("hand_over"),
    j: click("[data-next]"),
    k: click("[data-previous]"),
    "/": () => { field()?.focus(); return showTemplates(); },
  });

  // --- sending: shown at once, disabled while under way, put back when it failed
  document.addEventListener("htmx:before:request", (event) => {
    if (event.target !== composer()) return;
    const area = field();
    const line = document.createElement("li");
    line.className = "msg sys pending";
    line.id = "pending";
    line.textContent = area.value;
    $("#messages")?.append(line);
    line.scrollIntoView({ block: "nearest" });
    $$("button", composer()).forEach((button) => { button.disabled = true; });
  });
  document.addEventListener("htmx:finally:request", (event) => {
    if (event.target !== composer()) return;
    $("#pending")?.remove();
    $$("button", composer()).forEach((button) => { button.disabled = false; });
    const { response } = event.detail.ctx ?? {};
    if (!(response?.status >= 200 && response.status < 300)) return;
    forget();
    // The swap follows this event, and the sent words are at its end.
    setTimeout(() => $("#messages .msg:last-child")?.scrollIntoView({ block: "nearest" }), 50);
  });

  // --- a form that was opened while another answer was under way stays open
  let standing = null;
  document.addEventListener("htmx:before:swap", (event) => {
    const open = $("details.act[data-act][open]");
    standing = open && open !== event.target.closest?.("details.act") ? open.dataset.act : null;
  });
  document.addEventListener("htmx:after:swap", () => {
    const form = standing && $(`details.act[data-act="${standing}"]`);
    if (form) form.open = true;
    standing = null;
  });

  // --- a draft survives a reload, in this tab only: it may quote a customer
  const place = () => `draft:${composer()?.dataset.ticket}`;
  function forget() {
    sessionStorage.removeItem(place());
    const area = field();
    if (!area) return;
    area.value = "";
    tint();
  }
  document.addEventListener("input", (event) => {
    if (event.target === field()) sessionStorage.setItem(place(), event.target.value);
  });
  if (field() && !field().value) field().value = sessionStorage.getItem(place()) ?? "";
  addEventListener("beforeunload", (event) => { if ($("#pending")) event.preventDefault(); });

  escapes.push((target) => {
    const box = menu();
    if (!box?.open) return false;
    box.open = false;
    field().focus();
    return true;
  });

  tint();
  document.addEventListener("htmx:after:swap", tint);
})();
