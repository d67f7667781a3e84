import { createHash } from 'node:crypto';
import { WEB_SOCKET_GUID } from './constants.ts';

/** What agrees to a WebSocket whose handshake has this key (RFC 6455 section 4.2.2). */
export function webSocketAccept(key: string): string {
  return createHash('sha1')
    .update(key + WEB_SOCKET_GUID)
    .digest('base64');
}
