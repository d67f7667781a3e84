import { Failure } from '../../base/index.ts';
import { type GuardedRequest, guardedRequest } from '../identity-provider/guarded-request.ts';
import { PROVIDER_PAUSE_MAX_MS, PROVIDER_PAUSE_MS, PROVIDER_TRIES } from './constants.ts';
import { DnsProviderFailure, type DnsProviderPorts } from './dns-provider.ts';

export interface ProviderAnswer {
  readonly status: number;
  readonly text: string;
}

export interface ProviderAsked {
  readonly url: URL;
  readonly request: GuardedRequest;
}

/**
 * Asks, and asks again where the provider is busy: 429, 5xx, or what `isBusy` knows. `make` is called for each try, so
 * that signatures have the time of now.
 */
export async function askProvider(
  make: () => ProviderAsked,
  { allowPrivate = false, ports, isBusy }: AskOptions,
): Promise<ProviderAnswer> {
  for (let tries = 1; ; tries++) {
    const { url, request } = make();
    const response = await guardedRequest(url, request, { allowPrivate }).catch((error: unknown) => {
      const why = error instanceof Failure ? error.message : 'it failed';
      throw new DnsProviderFailure('dns-provider-unreachable', why, error);
    });
    const answer = { status: response.status, text: await response.text() };
    if (answer.status !== 429 && answer.status < 500 && !isBusy?.(answer)) return answer;
    if (tries >= PROVIDER_TRIES)
      throw new DnsProviderFailure('dns-provider-busy', `${url.origin} asks to come back later (${answer.status})`);
    await ports.wait(pauseMs(response.headers.get('retry-after'), tries));
  }
}

interface AskOptions {
  readonly allowPrivate?: boolean | undefined;
  readonly ports: DnsProviderPorts;
  readonly isBusy?: (answer: ProviderAnswer) => boolean;
}

function pauseMs(retryAfter: string | null, tries: number): number {
  const asked = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1_000 : 0;
  return Math.min(PROVIDER_PAUSE_MAX_MS, Math.max(asked, PROVIDER_PAUSE_MS * 2 ** (tries - 1)));
}
