/** Takes pictures of pages in every look. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = { desk: { width: 1280, height: 860 }, phone: { width: 390, height: 844 } } as const;
/** For what moves into place after a page is there. */
const SETTLE_MS = 150;
/** Some pages never rest: they listen for what happens. */
const IDLE_MS = 800;
/** Longer pictures show no more to whoever looks at them. */
const MOST_PX = 4_000;

export interface Shot {
  readonly group: string;
  readonly name: string;
  readonly show: (page: Page) => Promise<unknown>;
  /** Where it is seen on a phone alone. */
  readonly isPhone?: boolean;
}

export class Camera {
  readonly taken: string[] = [];
  readonly #folder: string;
  readonly #only: readonly string[];
  readonly #warn: (text: string) => void;

  /** @param only names of shots, or beginnings that end in a star; none: all. */
  constructor(folder: string, only: readonly string[], warn: (text: string) => void) {
    this.#folder = folder;
    this.#only = only;
    this.#warn = warn;
  }

  async take(page: Page, shots: readonly Shot[]): Promise<void> {
    for (const shot of shots) {
      const { group, name, show } = shot;
      if (!this.#isWanted(`${group}/${name}`)) continue;
      // Loaded once: pages follow the window and the scheme by themselves.
      await page.setViewportSize(shot.isPhone ? WIDTHS.phone : WIDTHS.desk);
      const isShown = await show(page).then(
        () => true,
        (error: Error) => this.#warn(`${group}/${name}: ${error.message.split('\n').slice(0, 3).join(' ')}`),
      );
      if (!isShown) continue;
      await page.waitForLoadState('networkidle', { timeout: IDLE_MS }).catch(() => undefined);
      await this.#inEveryLook(page, shot);
    }
  }

  #isWanted(name: string): boolean {
    if (this.#only.length === 0) return true;
    return this.#only.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one));
  }

  async #inEveryLook(page: Page, { group, name, isPhone }: Shot): Promise<void> {
    for (const [width, size] of Object.entries(isPhone ? { phone: WIDTHS.phone } : WIDTHS))
      for (const colorScheme of SCHEMES) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.waitForTimeout(SETTLE_MS);
        const file = `${group}-${name}-${width}-${colorScheme}.png`;
        // What lies over a page is lost in a picture of the whole of it.
        const isCovered = isPhone || (await page.locator('[role=dialog], [role=menu]').count()) > 0;
        const clip = isCovered ? undefined : await wholeOf(page);
        await page.screenshot({ path: join(this.#folder, file), ...(clip && { clip, fullPage: true }) });
        this.taken.push(file);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        if (Number(overflow) > 0) this.#warn(`${file}: ${overflow} px wider than the window`);
      }
  }
}

async function wholeOf(page: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  const [width = 0, height = 0] = (await page.evaluate(
    '[innerWidth, Math.max(innerHeight, document.documentElement.scrollHeight)]',
  )) as number[];
  return { x: 0, y: 0, width, height: Math.min(height, MOST_PX) };
}
