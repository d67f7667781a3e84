import { useState } from 'react';
import { useChange } from '../../frame/change.ts';
import { Button } from '../../look/button.tsx';
import { Dialog } from '../../look/dialog.tsx';
import { ShownOnce } from '../../look/once.tsx';
import { Waiting } from '../../look/waiting.tsx';
import { TEXTS } from '../../texts/index.ts';
import { admit } from './admit.ts';
import type { MadeCredential } from './credential-shape.ts';

const texts = TEXTS.credentials;

/** The secret, this once, and what stands in its way. */
export function MadeDialog({ made, onClose }: { readonly made: MadeCredential; readonly onClose: () => void }) {
  const secrets =
    made.urls.length > 0
      ? made.urls.map((text) => ({ label: texts.theLink, text }))
      : [
          ...(made.username === null ? [] : [{ label: texts.username, text: made.username }]),
          { label: texts.theSecret, text: made.secret },
        ];
  return (
    <Dialog isOpen onClose={onClose} title={made.name}>
      <ShownOnce lead={texts.made} secrets={secrets} onDone={onClose}>
        {made.notAdmittedBy.length > 0 && <NotAdmitted made={made} />}
      </ShownOnce>
    </Dialog>
  );
}

function NotAdmitted({ made: { method, notAdmittedBy } }: { readonly made: MadeCredential }) {
  const [outcome, setOutcome] = useState<'asked' | 'admitted' | 'unclear'>('asked');
  const change = useChange<void, boolean>({
    run: async () => (await Promise.all(notAdmittedBy.map((id) => admit(id, method)))).every((done) => done),
    shows: ['applications', 'policy'],
    onDone: (isDone) => setOutcome(isDone ? 'admitted' : 'unclear'),
  });
  if (outcome === 'admitted') return <Waiting hasCome waiting="" come={texts.admitted} />;
  return (
    <div role="status" className="grid justify-items-start gap-3 rounded-lg bg-warn-soft px-4 py-3 text-warn">
      <p>{outcome === 'asked' ? texts.notAdmitted : texts.cannotAdmit}</p>
      {outcome === 'asked' && (
        <Button isBusy={change.isPending} onClick={() => change.mutate()}>
          {texts.admit}
        </Button>
      )}
    </div>
  );
}
