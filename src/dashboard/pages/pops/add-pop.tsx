import { useQuery } from '@tanstack/react-query';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, statusQuery } from '../../frame/client.ts';
import { useFields } from '../../frame/draft.ts';
import { Button } from '../../look/button.tsx';
import { Dialog } from '../../look/dialog.tsx';
import { TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { faultOf } from '../../look/problem.tsx';
import { Waiting } from '../../look/waiting.tsx';
import { TEXTS } from '../../texts/index.ts';
import { JoinWays, type JoinWaysProps } from '../sites/join.tsx';

const texts = TEXTS.network;
const LIVE_MS = 2_000;

export function AddPop({ onClose }: { readonly onClose: () => void }) {
  const [draft, change] = useFields({ name: '', latitude: '', longitude: '' });
  const status = useQuery({ ...statusQuery, refetchInterval: LIVE_MS });
  const make = useChange<void, Omit<JoinWaysProps, 'of'>>({
    run: () => {
      const { name, latitude, longitude } = draft;
      const location = { name, latitude: Number(latitude), longitude: Number(longitude) };
      return answerOf(api.POST('/pops/enrolment-tokens', { body: { name, location } }));
    },
    shows: [],
    isForm: true,
  });
  const hasCome = status.data?.pops.some(({ name, connected }) => name === draft.name && connected) === true;
  if (make.data)
    return (
      <Dialog isOpen onClose={onClose} title={draft.name} lead={texts.popJoinLead}>
        <div className="grid grid-cols-1 gap-4">
          <JoinWays of="pop" {...make.data} />
          <Waiting hasCome={hasCome} waiting={texts.popWaiting} come={texts.popArrived(draft.name)} />
          <div className="flex justify-end">
            <Button kind="first" onClick={onClose}>
              {TEXTS.frame.done}
            </Button>
          </div>
        </div>
      </Dialog>
    );
  const degrees = (field: 'latitude' | 'longitude', label: string, most: number) => (
    <TextField
      label={label}
      required
      type="number"
      step="any"
      min={-most}
      max={most}
      value={draft[field]}
      fault={faultOf(make.error, field)}
      onChange={({ target }) => change({ [field]: target.value })}
    />
  );
  return (
    <FormDialog
      title={texts.addPop}
      lead={texts.addPopLead}
      action={texts.addPopCommand}
      change={make}
      fields={['name', 'latitude', 'longitude']}
      onClose={onClose}
    >
      <TextField
        label={texts.popName}
        hint={texts.popPlaceHint}
        required
        value={draft.name}
        fault={faultOf(make.error, 'name')}
        onChange={({ target }) => change({ name: target.value })}
      />
      <div className="grid gap-5 sm:grid-cols-2">
        {degrees('latitude', texts.popLatitude, 90)}
        {degrees('longitude', texts.popLongitude, 180)}
      </div>
      <p className="text-sm text-quiet">{texts.popCoordinatesHint}</p>
    </FormDialog>
  );
}
