/** When a page of the console is whole: nothing is on its way to it any more, and it has shown what came. */
import assert from 'node:assert/strict';
import type { Page, Request } from 'playwright-core';

const PATIENCE_MS = 30_000;
/** What came is shown, and what that asks for is on its way. */
const AT_REST = `(async () => {
  for (let looks = 0; looks < 2; looks++) {
    await new Promise((drawn) => requestAnimationFrame(drawn));
    await new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1_000 }));
  }
})()`;
/** The stream of what happens never ends. */
const ENDLESS = '/api/v1/live';

/** Opens an address. Half a second of silence, as browsers' tools wait for, would be most of the time. */
export async function openSettled(page: Page, address: string): Promise<void> {
  const pending = new Set<Request>();
  let begun = 0;
  const begin = (request: Request) => {
    if (new URL(request.url()).pathname === ENDLESS) return;
    begun++;
    pending.add(request);
  };
  const end = (request: Request) => pending.delete(request);
  page.on('request', begin).on('requestfinished', end).on('requestfailed', end);
  try {
    await page.goto(address);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    const lateMs = performance.now() + PATIENCE_MS;
    for (let seen = -1; pending.size > 0 || seen !== begun; ) {
      seen = begun;
      await page.evaluate(AT_REST);
      assert.ok(
        performance.now() < lateMs,
        `${address} still waits for ${[...pending].map((one) => one.url()).join(' ')}`,
      );
    }
  } finally {
    page.off('request', begin).off('requestfinished', end).off('requestfailed', end);
  }
}
