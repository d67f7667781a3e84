import type { CapturedRequest } from '../../core/capture/index.ts';
import type { RequestCapturesTable } from '../../io/store/index.ts';
import type { StoreSealing } from '../../io/store-sealing.ts';

/** Binds what is sealed to its row. */
const placeOf = (id: string): string => `capture ${id}`;

export function sealCaptured(sealing: StoreSealing, id: string, captured: CapturedRequest): string {
  return sealing.seal(JSON.stringify(captured), placeOf(id));
}

/** Undefined where it was not sealed by this installation. */
export function openCaptured(
  sealing: StoreSealing,
  { id, sealed }: Pick<RequestCapturesTable, 'id' | 'sealed'>,
): CapturedRequest | undefined {
  const text = sealing.unseal(sealed, placeOf(id));
  return text === undefined ? undefined : (JSON.parse(text) as CapturedRequest);
}
