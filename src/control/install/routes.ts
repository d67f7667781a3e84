/**
 * `/install/manis-0.1.0.tgz`: this very program as a package for npm, for machines that are to join. Anybody may have it, as
 * anybody may have the console's files: it holds what `npm pack` takes of the program, and nothing of the installation.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { toBase64, toBase64Url } from '../../base/index.ts';
import { Places } from '../../core/budget/index.ts';
import { isAmong } from '../../core/http-rules/index.ts';
import { addressGroup } from '../../io/address-group.ts';
import type { KeptPackage } from '../../io/package/kept-package.ts';
import type { MadePackage } from '../../io/package/make-package.ts';
import type { Control } from '../control.ts';
import { clientAddressOf } from '../principal.ts';
import { ControlFailure } from '../problems.ts';
import {
  DOWNLOAD_MAX_MS,
  DOWNLOADS_MAX,
  DOWNLOADS_PER_ADDRESS,
  DOWNLOADS_WINDOW_MS,
  INSTALL_PREFIX,
  PACKAGE_RETRY_MS,
} from './constants.ts';

export function installRoutes(app: FastifyInstance, control: Control): void {
  const { ownPackage: kept } = control;
  const downloads = kept && new Downloads(control, kept);
  app.get(`${INSTALL_PREFIX}/:file`, async (request, reply) => {
    const { file } = request.params as { file: string };
    if (!downloads || !kept) throw new ControlFailure('not-found', 'this control node has no package to give');
    const path = `${INSTALL_PREFIX}/${kept.fileName}`;
    if (file === kept.alias) return reply.header('cache-control', 'no-cache').redirect(path, 302);
    if (file !== kept.fileName)
      throw new ControlFailure('not-found', `control is of version ${kept.version}: its package is ${path}`);
    return downloads.answer(request, reply);
  });
}

class Downloads {
  readonly #control: Control;
  readonly #kept: KeptPackage;
  readonly #places = new Places(DOWNLOADS_MAX);
  #failedUnixMs = Number.NEGATIVE_INFINITY;

  constructor(control: Control, kept: KeptPackage) {
    this.#control = control;
    this.#kept = kept;
  }

  async answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { sizeBytes, sha512 } = await this.#made();
    const etag = `"${toBase64Url(sha512.subarray(0, 16))}"`;
    reply.header('etag', etag).header('cache-control', 'public, no-cache').type('application/gzip');
    if (isAmong(etag, request.headers['if-none-match'] ?? '', 'weak')) return reply.code(304).send();
    // RFC 9530: what npm calls `integrity`.
    reply.header('content-length', sizeBytes).header('repr-digest', `sha-512=:${toBase64(sha512)}:`);
    return this.#send(addressGroup(clientAddressOf(this.#control, request)), reply);
  }

  async #send(client: string, reply: FastifyReply): Promise<FastifyReply> {
    const limit = await this.#control.limits.count(`install:${client}`, DOWNLOADS_PER_ADDRESS, DOWNLOADS_WINDOW_MS);
    if (limit) throw refused(reply, 'download-rate-limited', 'too many downloads from this address', limit.waitMs);
    if (!this.#places.isFor(client)) throw refused(reply, 'download-busy', 'too many downloads at once', 1_000);
    this.#places.take(client);
    const stream = await this.#kept.open().catch((error: unknown) => {
      this.#places.give(client);
      throw error;
    });
    const late = setTimeout(() => stream.destroy(new Error('the download took too long')), DOWNLOAD_MAX_MS);
    stream.once('close', () => {
      clearTimeout(late);
      this.#places.give(client);
    });
    return reply.send(stream);
  }

  async #made(): Promise<MadePackage> {
    const { clock, log } = this.#control;
    const waitMs = this.#failedUnixMs + PACKAGE_RETRY_MS - clock.unixMs();
    if (waitMs > 0)
      throw new ControlFailure('download-busy', 'the package cannot be made now', { retryAfterMs: waitMs });
    return this.#kept.made().catch((error: unknown) => {
      this.#failedUnixMs = clock.unixMs();
      log.error('the package could not be made', { error });
      throw new ControlFailure('download-busy', 'the package cannot be made now; see the log of control', {
        retryAfterMs: PACKAGE_RETRY_MS,
      });
    });
  }
}

/** Without what a package that is sent says of itself. */
function refused(
  reply: FastifyReply,
  code: 'download-rate-limited' | 'download-busy',
  detail: string,
  retryAfterMs: number,
): ControlFailure {
  for (const name of ['etag', 'content-length', 'repr-digest', 'cache-control']) reply.removeHeader(name);
  return new ControlFailure(code, detail, { retryAfterMs });
}
