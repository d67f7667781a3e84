import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { answerOf } from '../../../api/client.ts';
import { useChange } from '../../frame/change.ts';
import { api, popsQuery } from '../../frame/client.ts';
import { useFields } from '../../frame/draft.ts';
import { Badge } from '../../look/badge.tsx';
import { Button } from '../../look/button.tsx';
import { Dialog } from '../../look/dialog.tsx';
import { SelectField, TextField } from '../../look/field.tsx';
import { FormDialog } from '../../look/form-dialog.tsx';
import { ShownOnce } from '../../look/once.tsx';
import { Card } from '../../look/page.tsx';
import { faultOf } from '../../look/problem.tsx';
import { RemoveButton } from '../../look/remove-button.tsx';
import { type Column, Table } from '../../look/table.tsx';
import { Ago } from '../../look/time.tsx';
import { TEXTS } from '../../texts/index.ts';
import type { Status } from '../overview/status.ts';
import { TUNNEL_STANDINGS } from './site-shape.ts';

const texts = TEXTS.network;
type Device = Status['devices'][number];

interface DevicesProps {
  readonly siteId: string;
  readonly devices: readonly Device[];
}

export function Devices({ siteId, devices }: DevicesProps) {
  const pops = useQuery(popsQuery);
  const [isAdding, setAdding] = useState(false);
  const names = new Map((pops.data ?? []).map(({ id, name }) => [id, name]));
  const popOf = ({ popId }: Device) => (popId === null ? '–' : (names.get(popId) ?? popId));
  const columns: readonly Column<Device>[] = [
    {
      name: TEXTS.applications.name,
      sortBy: ({ name }) => name,
      cell: ({ name }) => <span className="font-medium">{name}</span>,
    },
    {
      name: TEXTS.applications.state,
      stacked: 'corner',
      sortBy: ({ state }) => texts.tunnelState[state],
      cell: ({ state }) => <Badge standing={TUNNEL_STANDINGS[state]}>{texts.tunnelState[state]}</Badge>,
    },
    {
      name: texts.devicePop,
      sortBy: popOf,
      isWide: true,
      cell: popOf,
    },
    {
      name: texts.addresses,
      isWide: true,
      cell: ({ address }) => <span className="font-mono text-[13px]">{address}</span>,
    },
    {
      name: texts.handshake,
      sortBy: ({ lastHandshakeUnixMs }) => lastHandshakeUnixMs ?? 0,
      isWide: true,
      cell: ({ lastHandshakeUnixMs }) =>
        lastHandshakeUnixMs === null ? texts.noHandshake : <Ago unixMs={lastHandshakeUnixMs} />,
    },
    { name: TEXTS.frame.actions, isAction: true, cell: (device) => <DeviceActions device={device} /> },
  ];
  return (
    <Card
      title={texts.devices}
      lead={texts.devicesLead}
      isFlush={devices.length > 0}
      actions={
        <Button icon={<Plus size={16} aria-hidden="true" />} onClick={() => setAdding(true)}>
          {texts.addDevice}
        </Button>
      }
    >
      {devices.length > 0 && <Table caption={texts.devices} columns={columns} rows={devices} keyOf={({ id }) => id} />}
      {isAdding && <AddDevice siteId={siteId} onClose={() => setAdding(false)} />}
    </Card>
  );
}

function DeviceActions({ device: { id, name } }: { readonly device: Device }) {
  const [configuration, setConfiguration] = useState<string>();
  const params = { path: { id } };
  const show = useChange<void, { readonly configuration: string }>({
    run: () => answerOf(api.GET('/devices/{id}/configuration', { params })),
    shows: [],
    onDone: (answer) => setConfiguration(answer.configuration),
  });
  const remove = useChange({
    run: () => answerOf(api.DELETE('/devices/{id}', { params })),
    shows: ['status'],
    done: texts.deviceRemoved(name),
  });
  return (
    <span className="flex justify-end gap-1">
      <Button kind="quiet" isBusy={show.isPending} onClick={() => show.mutate()}>
        {texts.deviceConfiguration}
      </Button>
      <RemoveButton
        kind="quiet"
        label={TEXTS.frame.remove}
        ask={texts.removeDeviceAsk(name)}
        consequence={texts.removeDeviceConsequence}
        isBusy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
      {configuration !== undefined && (
        <Configuration name={name} text={configuration} onClose={() => setConfiguration(undefined)} />
      )}
    </span>
  );
}

interface ConfigurationProps {
  readonly name: string;
  readonly text: string;
  readonly onClose: () => void;
}

function Configuration({ name, text, onClose }: ConfigurationProps) {
  return (
    <Dialog isOpen onClose={onClose} title={name}>
      <ShownOnce lead={texts.deviceMade} secrets={[{ label: texts.deviceConfiguration, text }]} onDone={onClose} />
    </Dialog>
  );
}

function AddDevice({ siteId, onClose }: { readonly siteId: string; readonly onClose: () => void }) {
  const pops = useQuery(popsQuery);
  const [draft, change] = useFields({ name: '', popId: '', publicKey: '' });
  const add = useChange<void, { readonly configuration: string }>({
    run: () => {
      const { name, popId, publicKey } = draft;
      const body = { name, ...(popId !== '' && { popId }), ...(publicKey !== '' && { publicKey: publicKey.trim() }) };
      return answerOf(api.POST('/sites/{id}/devices', { params: { path: { id: siteId } }, body }));
    },
    shows: ['status'],
    isForm: true,
  });
  if (add.data) return <Configuration name={draft.name} text={add.data.configuration} onClose={onClose} />;
  return (
    <FormDialog
      title={texts.addDevice}
      lead={texts.devicesLead}
      action={texts.addDevice}
      change={add}
      fields={['name', 'publicKey']}
      onClose={onClose}
    >
      <TextField
        label={texts.deviceName}
        required
        value={draft.name}
        fault={faultOf(add.error, 'name')}
        onChange={({ target }) => change({ name: target.value })}
      />
      <SelectField
        label={texts.devicePop}
        value={draft.popId}
        onChange={({ target }) => change({ popId: target.value })}
      >
        <option value="">{texts.devicePopAny}</option>
        {(pops.data ?? []).map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <TextField
        label={texts.deviceKey}
        hint={texts.deviceKeyHint}
        isCode
        value={draft.publicKey}
        fault={faultOf(add.error, 'publicKey')}
        onChange={({ target }) => change({ publicKey: target.value })}
      />
    </FormDialog>
  );
}
