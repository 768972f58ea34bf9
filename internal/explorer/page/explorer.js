'use strict';

// A token is kept in this scope and in the viewer, and nowhere that outlives the page.
(() => {
  // The server is where this file came from, also behind another host name or below a path of a proxy.
  const server = new URL('..', document.currentScript.src);

  // takeToken returns the token that the address bar carries, or nothing, and removes it from there.
  // What follows a # is never sent, so no log of a server or proxy has it.
  function takeToken() {
    const [, escaped] = location.hash.match(/^#token=(.*)$/) ?? [];
    if (escaped === undefined) {
      return undefined;
    }
    history.replaceState(null, '', location.pathname + location.search);
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped; // a % that escapes nothing
    }
  }

  // The viewer reads what follows the # as well: by then the token must be gone.
  let token = takeToken();

  // Calls go to the server that the page came from, whatever address the contract has for other clients.
  const callThisServer = () => ({
    statePlugins: {
      spec: {
        wrapActions: {
          updateJsonSpec: (update) => (contract) =>
            update({ ...contract, servers: [{ url: server.href.replace(/\/$/, '') }] }),
        },
      },
    },
  });

  const viewer = SwaggerUIBundle({
    url: new URL('openapi.json', server).href,
    domNode: document.getElementById('explorer'),
    layout: 'BaseLayout',
    plugins: [callThisServer],
    deepLinking: true,
    filter: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: 0,
    persistAuthorization: false,
    validatorUrl: null, // one of another server is the default
    onComplete: authorize,
  });

  function authorize() {
    if (token) {
      viewer.preauthorizeApiKey('bearerAuth', token);
    }
  }

  // An address with another token does not load the page again if it is open.
  addEventListener('hashchange', () => {
    const another = takeToken();
    if (another) {
      token = another;
      authorize();
    }
  });
})();
