import { NEW_CONNECTIONS_PER_SECOND } from '../../pop/constants.ts';
import { addressPrefix, listOf, switchValue, wholeNumber, worded } from './setting.ts';

/** Who comes to a PoP, how often, and who is believed about it. */
export const clientSettings = {
  connectionRate: worded(wholeNumber(0, 100_000).default(NEW_CONNECTIONS_PER_SECOND), {
    kind: 'value',
    hint: 'N',
    expected: 'a whole number from 0',
    description: `New connections a second of one client, 0 for any (default ${NEW_CONNECTIONS_PER_SECOND})`,
  }),
  trustedProxies: worded(listOf(addressPrefix).optional(), {
    kind: 'list',
    hint: 'PREFIX',
    expected: 'addresses or blocks such as 10.0.0.0/8',
    description: 'Proxies before it, believed about who came (default: none)',
  }),
  proxyProtocol: worded(switchValue.default(false), {
    kind: 'switch',
    expected: 'true or false',
    description: 'Trusted proxies begin each connection with a PROXY header',
  }),
};
