/* The browser's part of Flask-Dash-Pages: a page is its URL, and its content is
   fetched from there. */
(function () {
  "use strict";

  const block = document.getElementById("_dash-pages");

  if (!block) {
    return;
  }

  const MIME = "application/vnd.dash-pages+json";
  const data = JSON.parse(block.textContent);
  const config = JSON.parse(document.getElementById("_dash-config").textContent);
  const clientside = (window.dash_clientside = window.dash_clientside || {});

  // The URL whose content is shown.
  let shown = data.complete ? currentUrl() : null;
  let pending = null;
  // The element that it was put into last.
  let place = null;

  function currentUrl() {
    return location.pathname + location.search;
  }

  // dash-renderer fetches the layout once. It is in the page already.
  const fetch = window.fetch;
  let layout = data.layout;

  window.fetch = function (resource, options) {
    if (typeof resource !== "string" || !resource.endsWith("_dash-layout")) {
      return fetch.call(this, resource, options);
    }

    if (layout === null) {
      // The dev tools load the layout again, and it comes without content.
      shown = null;
      return fetch.call(this, resource, options);
    }

    const response = new Response(null, {
      headers: { "Content-Type": "application/json" },
    });
    const answer = layout;
    layout = null;

    if (data.complete) {
      fillLocation(answer);
    }

    response.json = () => Promise.resolve(answer);
    return Promise.resolve(response);
  };

  // With its values in place, dcc.Location has nothing to update and so does not
  // start a navigation. Only the browser knows how its URL is written.
  function fillLocation(node) {
    if (Array.isArray(node)) {
      return node.some(fillLocation);
    }

    if (!node || !node.props) {
      return false;
    }

    if (node.props.id === "_pages_location") {
      node.props.pathname = location.pathname;
      node.props.search = location.search;
      return true;
    }

    return node.props.id !== "_pages_content" &&
      Object.values(node.props).some(
        (value) => value && typeof value === "object" && fillLocation(value)
      );
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

  async function request(url, values) {
    const headers = { Accept: MIME };
    const options = { headers, credentials: "same-origin", signal: pending.signal };
    const inputs = inputsOf(values);

    if (shown !== null) {
      headers["Dash-Pages-Version"] = data.version;
    }

    if (data.inputs.length && inputs.length < 4000) {
      headers["Dash-Pages-Inputs"] = inputs;
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

  // Load a URL as a whole. Never answers: the page is about to go.
  function load(url) {
    // The address bar has the URL already, and reloading would leave the browser
    // with a history entry before it that it takes for the same document.
    if (shown !== null) {
      history.replaceState(history.state, "", shown);
    }

    location.replace(url);
    return new Promise(() => {});
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

    if (pending) {
      pending.abort();
    }

    if (moved && url === shown && hasContent()) {
      throw clientside.PreventUpdate;
    }

    pending = new AbortController();
    const { signal } = pending;
    let response;
    let type;
    let page;

    try {
      response = await request(url, values);
      type = response.headers.get("Content-Type") || "";
      page = type.startsWith(MIME) ? await response.json() : null;
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
      return load(elsewhere + hash);
    }

    const answered = new URL(response.url);
    const redirected = answered.pathname + answered.search !== url;

    if (page === null) {
      // Not a page of this app, or not any more.
      if (redirected || shown !== null) {
        return load((redirected ? response.url : url) + hash);
      }

      if (type.startsWith("text/html")) {
        return replaceDocument(response);
      }

      throw new Error(`${url} was answered with status ${response.status}.`);
    }

    if (shown === null) {
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

    shown = stored.path;
    place = findPlace();

    if (stored.path !== stored.url && currentUrl() === stored.url) {
      history.replaceState(history.state, "", stored.path + location.hash);
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    }

    return clientside.no_update;
  }

  clientside.dash_pages = { navigate, show };
})();
