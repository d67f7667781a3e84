import { toBase64, utf8 } from '../../base/index.ts';
import { NodeSessionCrypto } from '../../io/session-crypto.ts';

/** The one style sheet of all pages. It stands in the page itself; its hash is in the Content-Security-Policy. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#f7f5f1;--sheet:#fff;--field:#fff;--edge:#d5cdc0;--ink:#26211a;--quiet:#6b6356;--line:#e2dacd;--accent:#8a4e1f;--accent-ink:#fff;--accent-soft:#f3e6d8;--alarm:#9c2b1f;--alarm-soft:#fbeae6;--shadow:0 1px 2px #3a2a1410,0 12px 32px #3a2a1414}
@media (prefers-color-scheme:dark){:root{--ground:#14120f;--sheet:#1c1916;--field:#24201b;--edge:#4a4339;--ink:#efe9df;--quiet:#a79d8d;--line:#38322a;--accent:#dda066;--accent-ink:#20160c;--accent-soft:#32271b;--alarm:#f0937f;--alarm-soft:#3a211c;--shadow:0 1px 2px #0006,0 12px 32px #0005}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;background:var(--ground);color:var(--ink);font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",Arial,sans-serif}
main{flex:1;display:flex;flex-direction:column;justify-content:center;width:100%;max-width:27rem;margin:0 auto;padding:3rem 1.25rem}
main.wide{max-width:46rem;justify-content:flex-start}
.brand{display:flex;align-items:center;gap:.75rem;margin:0 0 1.5rem}
.mark{fill:var(--accent);stroke:var(--ground);stroke-width:1.25;flex:none}
.brand b{display:block;font-size:1.0625rem;line-height:1.25;font-weight:650;letter-spacing:.01em}
.brand span{color:var(--quiet);font-size:.875rem}
.sheet{background:var(--sheet);border:1px solid var(--line);border-radius:16px;box-shadow:var(--shadow);padding:2rem}
h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25;font-weight:650;letter-spacing:-.012em;text-wrap:balance}
p{margin:0 0 1rem;text-wrap:pretty}
p:last-child{margin-bottom:0}
.quiet{color:var(--quiet)}
.beside{display:flex;flex-wrap:wrap;gap:0 1rem}
label{display:block;margin:1.25rem 0 .375rem;font-weight:550;font-size:.9375rem}
input{width:100%;min-height:2.875rem;padding:.5rem .8125rem;border:1px solid var(--edge);border-radius:10px;background:var(--field);color:var(--ink);font:inherit}
input[readonly]{background:var(--ground);color:var(--quiet)}
input:hover{border-color:var(--quiet)}
.hint{margin:.375rem 0 0;color:var(--quiet);font-size:.875rem}
.hint a{color:inherit}
.sheet+.hint{margin:1rem .25rem 0}
.button{display:inline-flex;align-items:center;justify-content:center;min-height:2.875rem;padding:.5rem 1.25rem;border:1px solid transparent;border-radius:10px;background:var(--accent);color:var(--accent-ink);font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
.button:hover{filter:brightness(1.08)}
.button.plain{background:var(--field);border-color:var(--edge);color:var(--ink)}
.button.plain:hover{border-color:var(--quiet);filter:none}
form>.button{width:100%;margin-top:1.75rem}
.bar form>.button{width:auto;margin:0;min-height:2.5rem;padding:.375rem 1rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
input:focus-visible{outline-offset:-1px}
input.code{font:600 1.5rem/1.2 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;letter-spacing:.2em;text-align:center}
.link{padding:0;border:0;background:none;color:var(--accent);font:inherit;text-decoration:underline;cursor:pointer}
a{color:var(--accent)}
.note{margin:1.25rem 0 0;padding:.75rem 1rem;border-radius:10px;background:var(--accent-soft)}
.note.alarm{background:var(--alarm-soft);color:var(--alarm)}
.ways>form+form:not([data-passkey-get]){margin-top:2rem;padding-top:.5rem;border-top:1px solid var(--line)}
.ways>form+form[data-passkey-get]{margin-top:-.75rem}
.or{display:flex;align-items:center;gap:.875rem;margin:1.75rem 0 0;color:var(--quiet);font-size:.875rem}
.or:has(+form[hidden]),.or:has(+.ways>form[hidden]:first-child+noscript:last-child){display:none}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line)}
p a,dd a{color:var(--accent)}
.choices{display:grid;gap:.75rem;margin-top:1.5rem}
h2{margin:2rem 0 .5rem;font-size:1.0625rem;font-weight:650}
pre{margin:0;padding:1rem;overflow:auto;max-height:28rem;border:1px solid var(--line);border-radius:10px;background:var(--ground);font-size:.8125rem;line-height:1.5}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}
.number{margin:0 0 .75rem;color:var(--accent);font-size:.875rem;font-weight:650;letter-spacing:.06em}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:1.5rem 0 0;padding-top:1.25rem;border-top:1px solid var(--line);font-size:.875rem}
dt{color:var(--quiet)}
dd{margin:0;min-width:0;overflow-wrap:anywhere}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.9em}
.bar{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:1rem;margin-bottom:2rem}
.bar .brand{margin:0}
ul.apps{list-style:none;margin:1.5rem 0 0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,18rem),1fr));gap:.875rem}
ul.apps a{display:flex;align-items:center;gap:.875rem;height:100%;padding:1rem 1.125rem;border:1px solid var(--line);border-radius:14px;background:var(--sheet);color:inherit;text-decoration:none}
ul.apps a:hover{border-color:var(--accent)}
.initial{flex:none;display:grid;place-items:center;width:2.625rem;height:2.625rem;border-radius:10px;background:var(--accent-soft);color:var(--accent);font-weight:650;font-size:1.125rem}
.app{min-width:0}
.app b,.app span{display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.app b{font-weight:600}
.app span{color:var(--quiet);font-size:.875rem}
.code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;letter-spacing:.08em;font-size:1.125rem}
.check{display:flex;align-items:flex-start;gap:.625rem;font-weight:400}
.check input{width:1.125rem;min-height:0;height:1.125rem;margin:.2rem 0 0;flex:none;accent-color:var(--accent)}
.more{margin-top:1.5rem;padding-top:1.25rem;border-top:1px solid var(--line)}
summary{cursor:pointer;color:var(--accent);font-size:.9375rem}
.qr{display:block;width:100%;max-width:13rem;height:auto;margin:1.25rem auto;border-radius:10px}
.secret{display:inline-block;margin-top:.25rem;color:var(--ink);font-size:1rem;overflow-wrap:anywhere}
.codes{list-style:none;margin:1.25rem 0 0;padding:1rem;display:grid;grid-template-columns:repeat(auto-fill,minmax(12rem,1fr));gap:.5rem 1.5rem;border:1px solid var(--line);border-radius:10px;background:var(--ground)}
.codes code{font-size:1rem}
.part{margin-top:1.25rem}
.part h2{margin:0 0 .375rem;font-size:1.125rem;line-height:1.3;font-weight:650}
.lines{list-style:none;margin:.75rem 0 1rem;padding:0}
.lines li{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.5rem 1rem;padding:.75rem 0;border-top:1px solid var(--line)}
.lines b{font-weight:600;overflow-wrap:anywhere}
.lines em{font-style:normal;font-size:.8125rem;padding:.0625rem .5rem;border-radius:99px;background:var(--accent-soft);color:var(--accent)}
.lines span{display:block;color:var(--quiet);font-size:.875rem}
.acts{display:flex;flex-wrap:wrap;gap:.5rem}
.place{display:inline-flex;align-items:center;min-height:2.25rem;padding:.25rem .75rem;border-radius:10px;color:var(--quiet);font-size:.875rem;font-weight:550;text-decoration:none}
.place:hover{background:var(--accent-soft);color:var(--ink)}
.place[aria-current]{background:var(--accent-soft);color:var(--accent)}
.find{display:flex;gap:.5rem;max-width:26rem;margin:1.25rem 0 0}
.find input{min-height:2.25rem;padding:.25rem .8125rem}
.button.small,form>.button.small{width:auto;margin:0;min-height:2.25rem;padding:.25rem .875rem;font-size:.875rem}
.part form>.button:not(.small){width:auto;margin-top:1.25rem}
.rename[open]{flex-basis:100%}
.rename form{display:flex;gap:.5rem;margin-top:.5rem}
.rename input{min-height:2.25rem}
summary.button{list-style:none;color:var(--ink)}
summary.button::-webkit-details-marker{display:none}
[hidden]{display:none!important}
footer{padding:1.25rem;text-align:center;color:var(--quiet);font-size:.8125rem}
@media (max-width:30rem){.bar{position:relative;gap:.75rem}.bar .acts{width:100%;gap:.125rem}.bar .place{white-space:nowrap}.bar .acts>:last-child{position:absolute;top:0;right:0}main{padding:1.75rem 1rem}.sheet{padding:1.5rem 1.25rem}main:not(.wide){justify-content:flex-start}}
`;

/** The source expression of the style sheet (Content Security Policy Level 3, section 2.3.1). */
export const STYLE_SOURCE = `'sha256-${toBase64(new NodeSessionCrypto().sha256(utf8(STYLE)))}'`;
