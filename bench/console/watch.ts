/** Runs in the page, where the browser's own clock is: what is measured from outside has the way there and back in it. */
export const WATCH_SCRIPT = `
globalThis.manisWatch = {
  shown: undefined,
  /** Milliseconds from the next event to the frame after the one in which the text stands in the first row or the count. */
  until(event, text) {
    return new Promise((resolve) => {
      addEventListener(event, ({ timeStamp }) => {
        const look = () => {
          const first = document.querySelector('tbody tr:not([aria-hidden]) td a')?.textContent;
          const count = document.querySelector('p[role=status]')?.textContent;
          if (first !== text && count !== text) return requestAnimationFrame(look);
          requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - timeStamp)));
        };
        look();
      }, { once: true, capture: true });
    });
  },
  /** How long each answer of the API with a list of applications took. */
  answers() {
    const read = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/api/v1/resources?'));
    return read.map(({ duration }) => duration);
  },
  /** Scrolls by so many pixels in each frame; milliseconds between frames. */
  scroll(frames, px) {
    return new Promise((resolve) => {
      const gaps = [];
      let last;
      const step = (now) => {
        if (last !== undefined) gaps.push(now - last);
        last = now;
        if (gaps.length === frames) return resolve(gaps);
        scrollBy(0, px);
        requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
  },
};`;
