/** The page of the demo application. It shows what arrived; everything from the request is escaped. */

export interface Visit {
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
  /** Name of the PoP that the request came through, where it says so. */
  readonly pop: string;
  readonly requestId: string;
  /** The payload of the signed assertion, as JSON for people. */
  readonly assertion: string;
  /** Headers in the order of arrival. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c2330, #e8ecf3); --dim: light-dark(#667085, #93a0b4);
  --card: light-dark(#fff, #171d28); --line: light-dark(#e4e8ef, #28303f); --accent: light-dark(#2557d6, #7ea6ff); }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--ink);
  background: light-dark(#f5f7fa, #0f141c); }
main { max-width: 46rem; margin: 0 auto; padding: 3rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; letter-spacing: -.02em; }
h2 { font-size: .8rem; text-transform: uppercase; letter-spacing: .08em; color: var(--dim); margin: 0 0 .75rem; }
p { margin: 0 0 .75rem; } .dim { color: var(--dim); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.25rem; margin-top: 1.25rem; }
.path { display: flex; flex-wrap: wrap; gap: .4rem; font-size: .9375rem; padding: 0; margin: 0; list-style: none; }
.path li { display: flex; align-items: center; gap: .4rem; }
.path li + li::before { content: "→"; color: var(--dim); }
.path span { border: 1px solid var(--line); border-radius: 99px; padding: .2rem .7rem; }
.path .here { border-color: var(--accent); color: var(--accent); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1.25rem; }
.pair section { margin-top: 0; } .pair { margin-top: 1.25rem; }
.line { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; margin: 0; }
form { display: flex; gap: .5rem; } input { flex: 1; min-width: 0; }
input, button, .button { font: inherit; color: inherit; border-radius: 8px; border: 1px solid var(--line);
  padding: .45rem .75rem; background: transparent; text-decoration: none; }
button, .button { background: var(--accent); color: light-dark(#fff, #0f141c); border: 0; cursor: pointer; }
output { display: block; min-height: 1.6em; margin-top: .75rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
#clock { font-size: 1.6rem; margin-top: 0; }
pre, td { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; margin: 0; }
table { border-collapse: collapse; width: 100%; } td { padding: .15rem .75rem .15rem 0; vertical-align: top; }
td:first-child { color: var(--dim); white-space: nowrap; width: 1%; } summary { cursor: pointer; }
@media (max-width: 34rem) { main { padding-top: 2rem; } #headers td { display: block; padding-right: 0; }
  #headers td + td { margin-bottom: .5rem; } }
`;

const SCRIPT = `
const say = (id, text) => { document.getElementById(id).textContent = text; };
const clock = new EventSource('clock');
clock.onmessage = (event) => say('clock', event.data);
clock.onerror = () => say('clock', 'reconnecting ...');
const address = new URL('echo', location.href);
address.protocol = address.protocol.replace('http', 'ws');
let socket;
const connect = () => {
  socket = new WebSocket(address);
  socket.onopen = () => say('echo', 'connected');
  socket.onmessage = (event) => say('echo', event.data);
  socket.onclose = () => { say('echo', 'reconnecting ...'); setTimeout(connect, 1000); };
};
connect();
document.getElementById('speak').onsubmit = (event) => {
  event.preventDefault();
  if (socket.readyState === WebSocket.OPEN) socket.send(document.getElementById('words').value);
};
`;

/** The whole document. */
export function demoPage(visit: Visit): string {
  const name = escapeHtml(visit.name || visit.email || 'stranger');
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Demo · Manis</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body><main>
<h1>Hello, <span id="name">${name}</span></h1>
<p class="dim">This page is served by a small program that listens on loopback alone. You see it because Manis knows who you are.</p>
<section><h2>Who you are</h2>
<table>${row('Name', visit.name)}${row('Email', visit.email)}${row('Groups', visit.groups.join(', '))}</table></section>
<section><h2>The way here</h2>
<ol class="path"><li><span>your browser</span></li><li><span id="pop">${escapeHtml(visit.pop ? `PoP ${visit.pop}` : 'a PoP')}</span></li><li><span>WireGuard</span></li><li><span>connector</span></li><li><span class="here">this page</span></li></ol></section>
<div class="pair">
<section><h2>Server-sent events</h2><output id="clock">...</output></section>
<section><h2>WebSocket</h2><form id="speak"><input id="words" value="Hello there" aria-label="Words to send"><button>Echo</button></form>
<output id="echo">connecting ...</output></section>
</div>
<section><h2>Download</h2><p class="line"><a class="button" href="download?bytes=10485760" download>10 MiB</a>
<span class="dim">streamed through the tunnel, never held in memory</span></p></section>
<section><h2>Behind the curtain</h2>
<details><summary>The signed assertion</summary><pre id="assertion">${escapeHtml(visit.assertion)}</pre></details>
<details><summary>Headers as they arrived</summary><table id="headers">${visit.headers.map(([header, value]) => row(header, value)).join('')}</table></details>
<p class="dim" style="margin:.75rem 0 0">Request ${escapeHtml(visit.requestId || 'without an id')}</p></section>
</main><script>${SCRIPT}</script></body></html>
`;
}

function row(label: string, value: string): string {
  return `<tr><td>${escapeHtml(label)}</td><td>${escapeHtml(value || '-')}</td></tr>`;
}
