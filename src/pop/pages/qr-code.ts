import { encode } from 'uqr';
import { type Html, html } from './html.ts';

/** A QR code as one path, dark on light whatever the page's colours: telephones want it so. */
export function qrCode(text: string, label: string): Html {
  const { data, size } = encode(text, { ecc: 'M', border: 2 });
  let path = '';
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) if (data[row]?.[column]) path += `M${column} ${row}h1v1h-1z`;
  }
  return html`<svg class="qr" role="img" aria-label="${label}" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}h-${size}z"/><path fill="#000" d="${path}"/></svg>`;
}
