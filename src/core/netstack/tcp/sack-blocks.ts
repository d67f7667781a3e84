/** SACK blocks of an arriving segment (RFC 2018, RFC 6675 section 5.1, RFC 2883). */
import { isAtOrBefore, isBefore } from '../sequence.ts';
import type { Segment } from '../wire/tcp.ts';
import type { ControlBlock } from './control-block.ts';

const order = [0, 1, 2, 3];

/** Applies what the blocks say that is credible. Returns whether the first one reports a duplicate (D-SACK). */
export function applySackBlocks(block: ControlBlock, segment: Segment): boolean {
  const isDuplicate = reportsDuplicate(segment);
  const { sack, sackBlocks } = segment;
  sortBlocks(segment);
  for (let i = 0; i < sackBlocks; i++) {
    const index = order[i] as number;
    const left = sack[2 * index] as number;
    const right = sack[2 * index + 1] as number;
    // Only what was sent and is not acknowledged; a stale or forged block is ignored.
    if (!isBefore(left, right) || isBefore(left, block.snd.una) || isBefore(block.snd.nxt, right)) continue;
    block.scoreboard.applySack(left, right, block.delivery);
  }
  return isDuplicate;
}

/** RFC 2883 section 4: the first block is below the acknowledgment, or inside the second block. */
function reportsDuplicate(segment: Segment): boolean {
  const { sack, ack } = segment;
  const left = sack[0] as number;
  const right = sack[1] as number;
  if (!isBefore(left, right)) return false;
  if (isAtOrBefore(right, ack)) return true;
  if (segment.sackBlocks < 2) return false;
  return isAtOrBefore(sack[2] as number, left) && isAtOrBefore(right, sack[3] as number);
}

/** Ascending, so that reordering is judged in the order of sequence numbers. Insertion sort of at most four. */
function sortBlocks(segment: Segment): void {
  const { sack, sackBlocks } = segment;
  for (let i = 0; i < sackBlocks; i++) {
    let at = i;
    while (at > 0 && isBefore(sack[2 * i] as number, sack[2 * (order[at - 1] as number)] as number)) {
      order[at] = order[at - 1] as number;
      at--;
    }
    order[at] = i;
  }
}
