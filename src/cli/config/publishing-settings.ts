/** What a connector publishes by itself, where its site lets it. */
import { filePath, worded } from './setting.ts';

export const publishingSettings = {
  dockerSocket: worded(filePath.optional(), {
    kind: 'value',
    hint: 'SOCKET',
    expected: 'a unix socket',
    description: 'Container engine whose labels are published: /var/run/docker.sock, or that of Podman',
  }),
  blueprint: worded(filePath.optional(), {
    kind: 'value',
    hint: 'FILE',
    expected: 'a file',
    description: 'Blueprint of resources that this connector publishes, and follows',
  }),
};
