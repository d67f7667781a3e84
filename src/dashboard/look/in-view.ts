import { type RefObject, useCallback, useEffect } from 'react';

/** Brings what is chosen in a row that scrolls into view. @param row what scrolls. @param chosen of what is chosen, as a selector. */
export function useChosenInView(row: RefObject<HTMLElement | null>, chosen: string): void {
  const show = useCallback(() => {
    const [frame, element] = [row.current, row.current?.querySelector<HTMLElement>(chosen)];
    if (!frame || !element) return;
    const { left, right } = element.getBoundingClientRect();
    const room = frame.getBoundingClientRect();
    if (left < room.left || right > room.right)
      frame.scrollLeft += left - room.left - (room.width - (right - left)) / 2;
  }, [row, chosen]);
  useEffect(show);
  useEffect(() => {
    addEventListener('resize', show);
    return () => removeEventListener('resize', show);
  }, [show]);
}
