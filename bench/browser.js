// Run before anything else in each document.
window.bench = {
  clicked: 0,
  shift: 0,
  // When texts were painted. Promises by name.
  seen: {},

  watch(name, selector, text) {
    const isSeen = (element) =>
      element.textContent === text &&
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      element.getBoundingClientRect().height > 0;

    bench.seen[name] = new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error(`There is no ${text}`)), 60_000);
      requestAnimationFrame(function look() {
        if ([...document.querySelectorAll(selector)].some(isSeen)) {
          // The next task comes after the frame was painted.
          setTimeout(() => resolve(performance.now()));
        } else {
          requestAnimationFrame(look);
        }
      });
    });
  },

  // When a text was painted that is there for the first time. The browser tells the
  // time of the frame itself, as scripts may keep it from running tasks after that.
  watchFirst(name, selector, text) {
    new MutationObserver(() => {
      for (const element of document.querySelectorAll(selector)) {
        if (element.textContent === text) {
          element.setAttribute("elementtiming", name);
        }
      }
    }).observe(document, { characterData: true, childList: true, subtree: true });

    bench.seen[name] = new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error(`There is no ${text}`)), 60_000);
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          if (entry.identifier === name) {
            resolve(entry.renderTime);
          }
        }
      }).observe({ type: "element", buffered: true });
    });
  },

  // How many requests were answered in full at a time, with that of the document.
  answeredBefore(time) {
    const resources = performance.getEntriesByType("resource");
    return 1 + resources.filter((r) => r.responseEnd && r.responseEnd <= time).length;
  },

  findLink() {
    const links = [...document.querySelectorAll("a.next")];
    return links.find((link) => link.checkVisibility());
  },
};

addEventListener("click", (event) => (bench.clicked = event.timeStamp), true);

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    bench.shift += entry.hadRecentInput ? 0 : entry.value;
  }
}).observe({ type: "layout-shift", buffered: true });
