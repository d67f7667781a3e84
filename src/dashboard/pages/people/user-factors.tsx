import { useQuery } from '@tanstack/react-query';
import { KeyRound, Smartphone } from 'lucide-react';
import type { ReactNode } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api } from '../../frame/client.ts';
import { Card } from '../../look/page.tsx';
import { ProblemNote } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import { nameOf, type User } from './people-shape.ts';

const texts = TEXTS.people;

export function UserFactors({ user, onReset }: { readonly user: User; readonly onReset: () => unknown }) {
  const params = { path: { id: user.id } };
  const factors = useQuery({
    queryKey: ['factors', user.id],
    queryFn: () => answerOf(api.GET('/users/{id}/factors', { params })),
  });
  const reset = useChange({
    run: () => answerOf(api.DELETE('/users/{id}/factors', { params })),
    shows: ['factors', 'sessions'],
    done: texts.wasReset(nameOf(user)),
    onDone: onReset,
  });
  const { authenticators = [], passkeys = [], recoveryCodesLeft = 0, rememberedBrowsers = 0 } = factors.data ?? {};
  const hasSome = authenticators.length + passkeys.length > 0;
  return (
    <Card
      title={texts.factors}
      actions={
        hasSome && (
          <RemoveButton
            kind="plain"
            label={texts.resetFactors}
            ask={texts.resetAsk(nameOf(user))}
            consequence={texts.resetConsequence}
            isBusy={reset.isPending}
            onConfirm={() => reset.mutate()}
          />
        )
      }
    >
      {factors.isError && <ProblemNote error={factors.error} />}
      {factors.data && !hasSome && <p className="text-quiet">{texts.factorsNone}</p>}
      {hasSome && (
        <div className="grid gap-4">
          <ul className="grid gap-3">
            {authenticators.map((one) => (
              <Factor key={one.id} icon={<Smartphone size={17} />} kind={texts.authenticator} {...one} />
            ))}
            {passkeys.map((one) => (
              <Factor
                key={one.id}
                icon={<KeyRound size={17} />}
                kind={one.backedUp ? `${texts.passkey}, ${texts.synced}` : texts.passkey}
                {...one}
              />
            ))}
          </ul>
          <p className="text-sm text-quiet">
            {texts.recoveryLeft(recoveryCodesLeft)} {rememberedBrowsers > 0 && texts.remembered(rememberedBrowsers)}
          </p>
        </div>
      )}
    </Card>
  );
}

interface FactorProps {
  readonly icon: ReactNode;
  readonly kind: string;
  readonly name: string;
  readonly lastUsedUnixMs: number | null;
}

function Factor({ icon, kind, name, lastUsedUnixMs }: FactorProps) {
  return (
    <li className="flex items-center gap-3">
      <span
        className="grid size-8 shrink-0 place-items-center rounded-lg bg-accent-soft text-accent"
        aria-hidden="true"
      >
        {icon}
      </span>
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{name}</span>
        <span className="block text-sm text-quiet">
          {kind} · {lastUsedUnixMs === null ? texts.unused : texts.usedAgo}{' '}
          {lastUsedUnixMs !== null && <Ago unixMs={lastUsedUnixMs} />}
        </span>
      </span>
    </li>
  );
}
