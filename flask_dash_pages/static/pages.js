/* The browser's part of Flask-Dash-Pages: a page is its URL, and its content is
   fetched from there. */
(function () {
  "use strict";

  const block = document.getElementById("_dash-pages");

  if (!block) {
    return;
  }

  const MIME = "application/vnd.dash-pages+json";
  // A view may redirect to another host, which is not to be believed. The browser's cache
  // has one place for the page as HTML and as JSON.
  const OPTIONS = { cache: "no-store", mode: "same-origin" };
  const data = JSON.parse(block.textContent);
  const config = JSON.parse(document.getElementById("_dash-config").textContent);
  const clientside = (window.dash_clientside = window.dash_clientside || {});

  // The URL whose content is shown.
  let shown = null;
  // Whether a URL is being loaded as a whole.
  let isLeaving = false;
  // The request for the content, and whether a callback waits for it.
  let pending = null;
  let turns = 0;
  // The element that it was put into last.
  let place = null;

  function currentUrl() {
    return location.pathname + location.search;
  }

  // CSS hides what was shown before as soon as the app has something to show, by the same
  // rule. Code that looks for an element is not to find it there.
  const observer = new MutationObserver(() => hasSomethingToShow() && takeOver());
  observer.observe(document, { childList: true, subtree: true });

  function hasSomethingToShow() {
    const isThere = document.querySelector("#react-entry-point > *") !== null;
    const isLoading = document.querySelector("._dash-loading") !== null;
    const lacksContent = findPlace()?.hasChildNodes() === false;
    return isThere && !isLoading && !(data.complete && lacksContent);
  }

  function takeOver() {
    observer.disconnect();
    document.getElementById("_dash-pages-prerendered")?.remove();

    // The browser itself goes back to where the visitor was.
    if (performance.getEntriesByType("navigation")[0]?.type === "navigate") {
      scrollToHash();
    }
  }

  // What was shown before has no such element. The visitor may have scrolled since.
  function scrollToHash() {
    const id = location.hash.slice(1);

    if (id && window.scrollY === 0) {
      const found = document.getElementById(id) || document.getElementById(decode(id));
      found?.scrollIntoView();
    }
  }

  function decode(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  // dash-renderer fetches these once. The layout is in the page already, and the
  // browser began to fetch the callbacks when it read the head.
  const fetch = window.fetch;
  let layout = data.layout;
  let isLayoutNew = false;
  let dependencies = fetch(data.dependencies);
  // It may fail before anybody asks for it.
  dependencies.catch(() => {});

  window.fetch = function (resource, options) {
    const original = () => fetch.call(this, resource, options);
    const name = typeof resource === "string" && resource.split("?")[0].split("/").pop();

    if (name === "_dash-layout") {
      return answerLayout() || original();
    }

    if (name === "_dash-dependencies" && dependencies) {
      const answer = dependencies;
      dependencies = null;
      // After a deploy the server may not have these any more.
      return answer.then((found) => (found.ok ? found : original()), original);
    }

    return name === "_dash-update-component" ? notDenied(original()) : original();
  };

  // The answer of a callback. The visitor may have logged out since the page was loaded,
  // and the page itself knows what to do about it.
  async function notDenied(answer) {
    // A redirect to another host fails.
    const response = await answer.catch(() => null);
    const version = response?.headers.get("Dash-Pages-Version");
    const isDenied = response?.status === 403 && version && version !== data.version;
    const isOdd = !response || response.redirected || response.status === 401;

    if (isDenied || (isOdd && (await isPageDenied()))) {
      location.reload();
      return new Promise(() => {});
    }

    return answer;
  }

  // Whether functions of the app stop what is asked for, before the page is.
  async function isPageDenied() {
    // The view of a page has no other version, and answers nothing.
    const headers = {
      Accept: MIME,
      "Dash-Pages-Prefetch": "1",
      "Dash-Pages-Version": "",
    };
    const options = { ...OPTIONS, method: "HEAD", redirect: "manual", headers };
    const url = location.origin + currentUrl();
    const answer = await fetch.call(window, url, options).catch(() => null);
    return answer !== null && (answer.type === "opaqueredirect" || answer.status === 401);
  }

  function answerLayout() {
    const answer = layout;
    layout = null;

    if (answer === null) {
      // The dev tools load the layout again, and it comes without content.
      shown = null;
      isLayoutNew = true;
      return null;
    }

    const headers = { "Content-Type": "application/json" };
    const response = new Response(null, { headers });
    response.json = () => Promise.resolve(answer);
    return Promise.resolve(response);
  }

  // Take the content out of the layout. It is put there again by the callback, as after
  // a click, so that dash-renderer calls the same callbacks of the page.
  function takeContent(node) {
    if (node === null || typeof node !== "object") {
      return undefined;
    }

    if (node.props?.id === "_pages_content") {
      const { children } = node.props;
      node.props.children = null;
      return children;
    }

    for (const value of Object.values(node.props || node)) {
      const found = takeContent(value);

      if (found !== undefined) {
        return found;
      }
    }

    return undefined;
  }

  function csrfHeader() {
    const name = encodeURIComponent(config.csrf_token_name || "") + "=";
    const cookie = document.cookie.split("; ").find((c) => c.startsWith(name));
    return cookie
      ? { [config.csrf_header_name]: decodeURIComponent(cookie.slice(name.length)) }
      : {};
  }

  // The values of the routing callback inputs, as text for a header.
  function inputsOf(values) {
    const inputs = {};
    data.inputs.forEach((name, i) => (inputs[name] = values[i] ?? null));
    return JSON.stringify(inputs).replace(
      /[\u007f-\uffff]/g,
      (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0")
    );
  }

  function begin(url, values) {
    if (pending) {
      pending.abort();
    }

    const controller = new AbortController();
    const response = request(url, values, controller.signal);
    // It may be aborted when nobody waits for it.
    response.catch(() => {});
    pending = {
      url,
      response,
      signal: controller.signal,
      abort: () => controller.abort(),
      isTaken: false,
    };
  }

  // The browser may show the document again as it was left.
  window.addEventListener("pageshow", () => (isLeaving = false));

  // From a click to the callback, dash-renderer takes some milliseconds.
  window.addEventListener("_dashprivate_pushstate", () => {
    const url = currentUrl();
    first = null;
    const isAsked = pending !== null && pending.url === url;
    const isKnown = url === shown || isAsked || prefetched.has(url) || isFresh(url);

    if (isLeaving) {
      // The visitor wants something else by now.
      window.stop();
      isLeaving = false;
    }

    if (url === shown) {
      // After the link has scrolled to the top.
      setTimeout(scrollToHash);
    }

    if (shown !== null && !isKnown && !data.inputs.length && findPlace()) {
      begin(url, []);
    }
  });

  async function request(url, values, signal) {
    const headers = { Accept: MIME };
    const options = { ...OPTIONS, headers, signal };
    const inputs = inputsOf(values);

    if (shown !== null) {
      headers["Dash-Pages-Version"] = data.version;
    }

    if (data.inputs.length && inputs.length < 4000) {
      headers["Dash-Pages-Inputs"] = inputs;
    }

    if (kept.has(url)) {
      headers["If-None-Match"] = kept.get(url).etag;
    }

    const response = await fetch.call(window, location.origin + url, options);

    if (response.headers.get("Dash-Pages-Inputs") !== "required") {
      return response;
    }

    // Too long for a header. Only sent to a page that asks for it.
    delete headers["Dash-Pages-Inputs"];
    Object.assign(headers, csrfHeader(), { "Content-Type": "application/json" });
    const body = `{"inputs":${inputs}}`;
    return fetch.call(window, response.url, { ...options, method: "POST", body });
  }

  function hasType(response, type) {
    return (response.headers.get("Content-Type") || "").startsWith(type);
  }

  // The page of an answer as text, or null if it is something else.
  async function read(url, response) {
    if (response.status === 304) {
      return kept.get(url)?.text || null;
    }

    return hasType(response, MIME) ? response.text() : null;
  }

  // Pages that may be shown again, by URL. As text, since components change what they
  // are given.
  const kept = new Map();

  function keep(url, text, { headers, redirected }) {
    const age = /\bmax-age=(\d+)/.exec(headers.get("Cache-Control"));
    const etag = headers.get("ETag");
    // The visitor may be somebody else by now. The server knows.
    const isPersonal = /\bcookie\b/i.test(headers.get("Vary"));
    kept.delete(url);

    if (age && etag && !redirected && !data.inputs.length) {
      const until = isPersonal ? 0 : Date.now() + 1000 * age[1];
      kept.set(url, { text, etag, until });
    }

    if (kept.size > 50) {
      kept.delete(kept.keys().next().value);
    }
  }

  function isFresh(url) {
    return kept.has(url) && Date.now() < kept.get(url).until;
  }

  // Pages that were fetched before a link was clicked, by URL.
  const prefetched = new Map();
  // URLs that do not want that.
  const refused = new Set();

  // What the place for it is given when it is there, unless the visitor is elsewhere then.
  const content = data.complete ? takeContent(data.layout) : data.content;
  const { title } = document;
  let first = content === undefined ? null : { page: { layout: content, title } };

  function prefetch(link) {
    const url = link.pathname + link.search;

    if (
      url === shown ||
      isFresh(url) ||
      prefetched.has(url) ||
      refused.has(url) ||
      navigator.connection?.saveData ||
      link.origin !== location.origin ||
      !link.pathname.startsWith(config.requests_pathname_prefix) ||
      !["", "_self"].includes(link.target) ||
      link.hasAttribute("download")
    ) {
      return;
    }

    const headers = {
      Accept: MIME,
      "Dash-Pages-Prefetch": "1",
      "Dash-Pages-Version": data.version,
    };
    const found = fetch
      .call(window, location.origin + url, { ...OPTIONS, headers })
      .then(async (response) => {
        const text = isForLater(response) ? await read(url, response) : null;

        if (!text) {
          refused.add(url);
          return null;
        }

        return {
          page: JSON.parse(text),
          token: response.headers.get("Dash-Pages-Shown"),
          keep: () => keep(url, text, response),
        };
      })
      .catch(() => null);
    prefetched.set(url, found);
    found.then(() =>
      setTimeout(() => prefetched.get(url) === found && prefetched.delete(url), 10000)
    );
  }

  function isForLater(response) {
    const control = response.headers.get("Cache-Control") || "";
    return (
      response.status === 200 && !response.redirected && !control.includes("no-store")
    );
  }

  // A page that needs no request, if there is one.
  async function takePage(url) {
    if (isFresh(url) && !prefetched.has(url)) {
      return { page: JSON.parse(kept.get(url).text) };
    }

    const found = await prefetched.get(url);
    prefetched.delete(url);
    found?.keep?.();
    return found || null;
  }

  // Tell the server that a page is shown that was fetched before: now it is a visit. If
  // the visitor may not see it any more, the page itself knows what to do.
  function tell(url, token) {
    const headers = { Accept: MIME, "Dash-Pages-Shown": token };
    const options = { ...OPTIONS, method: "HEAD", headers, keepalive: true };
    fetch
      .call(window, location.origin + url, options)
      .then(({ status, redirected, headers }) => {
        const isDenied = redirected || (status > 400 && status < 500);

        return isDenied || headers.has("Dash-Pages-Location") ? load(url) : null;
      })
      .catch(() => {});
  }

  if (data.prefetch) {
    let timer;

    const onPointer = (event) => {
      clearTimeout(timer);
      const link = event.target.closest?.("a[href]");

      // Not while the pointer only passes over the link.
      if (link) {
        timer = setTimeout(() => prefetch(link), 50);
      }
    };

    const onFocus = (event) => {
      const link = event.target.closest?.("a[href]:focus-visible");

      if (link) {
        prefetch(link);
      }
    };

    document.addEventListener("mouseover", onPointer, { passive: true });
    document.addEventListener("mousedown", () => clearTimeout(timer), { passive: true });
    document.addEventListener("focusin", onFocus, { passive: true });
  }

  // A path may begin with two slashes, which browsers take for the name of a host.
  function onThisHost(url) {
    return url.startsWith("/") ? location.origin + url : url;
  }

  // Load a URL as a whole. Never answers: the page is about to go.
  function load(url) {
    // The address bar has the URL already, and reloading would leave the browser
    // with a history entry before it that it takes for the same document.
    if (shown !== null) {
      history.replaceState(history.state, "", onThisHost(shown));
    }

    const { href } = new URL(onThisHost(url), location);
    isLeaving = true;

    if (href.includes("#") && href.split("#")[0] === location.href.split("#")[0]) {
      // To another part of it would not load it.
      history.replaceState(history.state, "", href);
      location.reload();
    } else {
      location.replace(href);
    }

    return new Promise(() => {});
  }

  // Load a URL that leaves the page where it is.
  function download(url) {
    load(url);
    isLeaving = false;
    // The address is the one from before.
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    throw clientside.PreventUpdate;
  }

  // Show an answer that is not a page in place of the document, as the browser would.
  async function replaceDocument(response) {
    const html = await response.text();
    document.open();
    document.write(html);
    document.close();
    return new Promise(() => {});
  }

  function findPlace() {
    return document.getElementById("_pages_content");
  }

  // A callback of the app may have put the place for the content there anew.
  function hasContent() {
    const found = findPlace();
    return found !== null && (found === place || found.hasChildNodes());
  }

  async function navigate(pathname, search, ...values) {
    const url = (pathname ?? location.pathname) + (search ?? "");
    const { hash } = location;
    const triggered = clientside.callback_context.triggered.map((t) => t.prop_id);
    const moved = triggered.every((id) => id.startsWith("_pages_location."));
    const isBegun = moved && pending && pending.url === url && !pending.isTaken;

    if (pending && !isBegun) {
      pending.abort();
      pending = null;
    }

    if (moved && url === shown && hasContent()) {
      throw clientside.PreventUpdate;
    }

    turns += 1;
    const turn = turns;
    const given = first;
    first = null;
    const known = moved && !isBegun ? given || (await takePage(url)) : null;

    if (turn !== turns) {
      throw clientside.PreventUpdate;
    }

    if (known !== null) {
      const { page, token } = known;
      return [page.layout, { title: page.title, url, path: url, token }];
    }

    if (!isBegun) {
      begin(url, values);
    }

    pending.isTaken = true;
    const { signal } = pending;
    let response;
    let page;

    try {
      response = await pending.response;
      const text = await read(url, response);
      page = text && JSON.parse(text);

      if (text) {
        keep(url, text, response);
      }
    } catch (error) {
      if (signal.aborted) {
        throw clientside.PreventUpdate;
      }

      if (shown === null) {
        throw error;
      }

      return load(url + hash);
    }

    const elsewhere = response.headers.get("Dash-Pages-Location");

    if (elsewhere) {
      if (response.headers.has("Dash-Pages-Renew")) {
        const headers = { Accept: "text/html", "Dash-Pages-Renew": "1" };
        await fetch.call(window, onThisHost(elsewhere), { headers, cache: "reload" }).catch(() => {});
      }

      return load(elsewhere + hash);
    }

    const answered = new URL(response.url);
    const redirected = answered.pathname + answered.search !== url;

    if (page === null) {
      const disposition = response.headers.get("Content-Disposition") || "";

      if (shown !== null && disposition.startsWith("attachment")) {
        return download(response.url);
      }

      // Not a page of this app, or not any more.
      if (redirected || shown !== null) {
        return load((redirected ? response.url : url) + hash);
      }

      if (hasType(response, "text/html")) {
        return replaceDocument(response);
      }

      throw new Error(`${url} was answered with status ${response.status}.`);
    }

    if (isLayoutNew) {
      data.version = page.version;
    }

    return [
      page.layout,
      { title: page.title, url, path: redirected ? page.path : url },
    ];
  }

  // Called when the content is in place.
  function show(stored) {
    document.title = stored.title;

    if (!stored.url) {
      return clientside.no_update;
    }

    if (shown === null && data.complete) {
      // It may be empty.
      takeOver();
    } else {
      scrollToHash();
    }

    shown = stored.path;
    place = findPlace();

    if (stored.token) {
      tell(stored.url, stored.token);
    }

    if (stored.path !== stored.url && currentUrl() === stored.url) {
      history.replaceState(history.state, "", onThisHost(stored.path) + location.hash);
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    }

    return clientside.no_update;
  }

  // Mark the links to what is shown. The same rule as in navigation.py.
  function mark(stored, hrefs, names) {
    const { pathname } = location;
    const outputs = clientside.callback_context.outputs_list;
    const active = new Map();

    outputs.forEach(({ id }, i) => {
      const { origin, pathname: path } = new URL(hrefs[i], location.origin);
      const isAbove = !path.endsWith("/") && pathname.startsWith(path + "/");
      const leadsHere = origin === location.origin && (path === pathname || isAbove);
      const best = active.get(id.nav);

      if (leadsHere && !(best && best.length >= path.length)) {
        const current = path === pathname ? "page" : "true";
        active.set(id.nav, { index: i, length: path.length, current });
      }
    });

    return outputs.map(({ id }, i) => {
      const isActive = active.get(id.nav)?.index === i;
      const name = (names[i] || "").replace(/ active$/, "");
      const { nav, href, type } = id;
      const link = document.getElementById(JSON.stringify({ href, nav, type }));

      if (isActive) {
        link?.setAttribute("aria-current", active.get(nav).current);
      } else {
        link?.removeAttribute("aria-current");
      }

      return isActive ? `${name} active` : name;
    });
  }

  clientside.dash_pages = { mark, navigate, show };
})();
