import { TEXTS } from '../../texts/index.ts';
import { Skip } from './skip.tsx';

const texts = TEXTS.start;
/** The portal's own pages, which lead back here. */
const BACK = '?return=%2Fconsole%2Fstart';
const LINK =
  'inline-flex min-h-9 items-center rounded-lg border px-3.5 text-sm font-medium bg-raised hover:border-faint';

/** A second factor, which the portal sets up: it is the portal that asks for it later. */
export function ProtectStep() {
  return (
    <div className="mt-1 grid gap-4">
      <p className="text-quiet">{texts.protectLead}</p>
      <div className="flex flex-wrap gap-2">
        <a href={`/security/authenticator${BACK}`} className={LINK}>
          {texts.protectApp}
        </a>
        <a href={`/security${BACK}`} className={LINK}>
          {texts.protectKey}
        </a>
        <Skip step="protect" />
      </div>
    </div>
  );
}
