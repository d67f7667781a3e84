/** Debian's Chromium, quiet and with an empty profile, that trusts the certificates of one local network. */
import { createHash, X509Certificate } from 'node:crypto';
import { type BrowserContext, chromium } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';

/**
 * @param ca PEM of the authority to trust. @param profile an empty folder.
 * @param executablePath where it is not Debian's own: a script that starts it in a host of a lab.
 */
export function openChromium(ca: string, profile: string, executablePath = CHROMIUM): Promise<BrowserContext> {
  const key = new X509Certificate(ca).publicKey.export({ type: 'spki', format: 'der' });
  const pin = createHash('sha256').update(key).digest('base64');
  return chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      `--ignore-certificate-errors-spki-list=${pin}`,
    ],
  });
}
