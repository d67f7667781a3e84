import { connectionShape } from '../api/connection.ts';
import { fileFlag, lifetimeFlag, onFlag, textFlag } from '../api/words.ts';
import { proxySettings } from '../config/programs.ts';
import { type SettingsOf, settingsOf } from '../config/value.ts';

export const trySettings = settingsOf({
  host: textFlag('NAME', 'Its name: a word such as "shop", or a whole host name (default: one by chance)'),
  for: lifetimeFlag('When it ends by itself: 30m, 2h, 3d, at most 7d (default 8h)', '8h'),
  public: onFlag('Let everybody in, without a PIN'),
  signedIn: onFlag('Let in whoever has signed in, without a PIN'),
  password: onFlag('Ask for a password in place of a PIN'),
  secretFile: fileFlag('File with the PIN or password (default: one is made)'),
  policy: fileFlag('Policy that says who gets in, YAML or JSON'),
  hostHeader: textFlag(
    'HOST',
    'Host that the application is asked for, such as localhost:3000 (default: the public one)',
  ),
  keep: onFlag('Do not end it at Ctrl-C: keep site and resource for good'),
  qr: onFlag('Show a QR code in any case'),
  noQr: onFlag('Show no QR code'),
  ...proxySettings,
  ...connectionShape,
});

export type TrySettings = SettingsOf<(typeof trySettings)['shape']>;
