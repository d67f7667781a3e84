import { type RefObject, useLayoutEffect, useState } from 'react';

/**
 * Whether a table needs more room than there is. It is told before anything is painted, and for as long as its frame is
 * narrower than the table was when it was drawn as one.
 * @param frame what scrolls where the table within is wider.
 */
export function useTooWide(frame: RefObject<HTMLElement | null>): boolean {
  const [neededPx, setNeeded] = useState(0);
  const [roomPx, setRoom] = useState(Number.POSITIVE_INFINITY);
  const isTooWide = roomPx < neededPx;
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = () => {
      setRoom(element.clientWidth);
      if (!isTooWide && element.scrollWidth > element.clientWidth) setNeeded(element.scrollWidth);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  }, [frame, isTooWide]);
  return isTooWide;
}
