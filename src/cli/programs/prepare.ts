/**
 * `manis prepare`, by the script that starts programs, once after each change of the code: loads what PoPs and connectors
 * consist of, and ends. Node keeps what it stripped and compiled for the processes that come. One that had to do so itself
 * would hold on to the machinery for it, 20 MB, for as long as it lives.
 */
const PARTS = [
  () => import('./pop.ts'),
  () => import('./connector.ts'),
  () => import('./demo.ts'),
  () => import('../up/up.ts'),
  // What those load when they first need it.
  () => import('../../io/crypto/sodium-aead.ts'),
  () => import('../../io/crypto/node-aead.ts'),
  () => import('../../io/enrolment-client.ts'),
  () => import('../../io/outbound/outbound-agents.ts'),
  () => import('../../io/outbound/proxy-agent.ts'),
  () => import('../../io/secure-stream.ts'),
] as const;

export async function prepare(): Promise<void> {
  for (const load of PARTS) await load();
}
