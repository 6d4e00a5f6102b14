/* The wall refreshes by itself; when that fails it says so, because old numbers look like calm ones. */
"use strict";

(() => {
  const lost = (is) => {
    document.body.classList.toggle("is-lost", is);
    for (const mark of document.querySelectorAll("[data-live]")) mark.classList.toggle("on", !is);
  };
  document.addEventListener("htmx:finally:request", (event) => {
    if (event.target.id !== "wall") return;
    const response = event.detail.ctx?.response;
    lost(!(response?.status >= 200 && response.status < 300));
  });
})();
