import type { StoreWatch } from '../io/store/index.ts';
import type { Control } from './control.ts';
import type { EpochGuard } from './epoch-guard.ts';

/** What other control nodes commit goes to this one's PoPs as well. */
export function followStore({ control, guard }: { readonly control: Control; readonly guard: EpochGuard }): StoreWatch {
  const { store, publisher, links, live, log } = control;
  const changed = (): void => {
    links.pushRevocations();
    publisher.heard();
    live.othersChanged();
  };
  return store.watch({
    changed,
    connected: () => {
      // What is there now may be a standby that has become the primary.
      guard
        .recheck()
        .catch((error: unknown) => log.warn('the store could not be checked', { error }))
        .finally(() => {
          publisher.distrust();
          changed();
        });
    },
    failed: (error) => log.warn('the store is out of reach', { error }),
  });
}
