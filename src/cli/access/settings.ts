import { caFile, proxySettings } from '../config/programs.ts';
import { listenEndpoint, switchValue, worded } from '../config/setting.ts';
import { type SettingsOf, settingsOf, text } from '../config/value.ts';

const onOff = (description: string) =>
  worded(switchValue.default(false), { kind: 'switch', expected: 'true or false', description });

export const accessSettings = settingsOf({
  listen: worded(listenEndpoint.default({ host: '127.0.0.1', port: 0 }), {
    kind: 'value',
    hint: 'ADDRESS',
    expected: 'an address and a port',
    description: 'Where programs connect to (default 127.0.0.1 with a port that is free)',
  }),
  stdio: onOff('Carry one connection over standard input and output, as ProxyCommand of ssh does'),
  accessToken: worded(text().optional(), {
    kind: 'value',
    hint: 'TOKEN',
    expected: 'a service token',
    description: 'Service token in place of signing in; better in MANIS_ACCESS_TOKEN',
    isSecret: true,
  }),
  noBrowser: onOff('Open no browser: print the address alone'),
  noCache: onOff('Keep the session in memory alone'),
  caFile,
  ...proxySettings,
});

export type AccessSettings = SettingsOf<(typeof accessSettings)['shape']>;
